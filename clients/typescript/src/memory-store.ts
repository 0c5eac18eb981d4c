import type { Changes, User } from './schema.ts'
import type { Entry, Store } from './store.ts'

const collections = ['projects', 'tasks', 'labels', 'comments', 'reminders'] as const
type Collection = (typeof collections)[number]
type Things = { readonly [C in Collection]: Map<string, Changes[C][number]> }

export type MemoryStore = Store &
  Things & {
    /** The user whose copy it is; undefined before the first page. */
    readonly user: User | undefined
  }

/** A copy in memory, in maps by id. It is also the pattern for a store in a database. */
export const memoryStore = (): MemoryStore => {
  const things: Things = {
    projects: new Map(),
    tasks: new Map(),
    labels: new Map(),
    comments: new Map(),
    reminders: new Map(),
  }
  const queue = new Map<string, Entry>()
  let [token, user] = [undefined as string | undefined, undefined as User | undefined]

  const takeOut = (entity: string, id: string): void => {
    const collection = collections.find((name) => name === `${entity}s`)
    if (collection) things[collection].delete(id)
    if (collection !== 'tasks') return
    for (const one of things.comments.values())
      if (one.task_id === id) things.comments.delete(one.id)
    for (const one of things.reminders.values())
      if (one.task_id === id) things.reminders.delete(one.id)
  }

  const putIn = <C extends Collection>(name: C, all: Changes[C]): void => {
    const into = things[name] as Map<string, (typeof all)[number]>
    for (const one of all) into.set(one.id, one)
  }

  return {
    ...things,
    get user() {
      return user
    },
    token: () => token,
    apply: (page) => {
      if (page.begins) for (const name of collections) things[name].clear()
      for (const { entity, id } of page.gone) takeOut(entity, id)
      for (const name of collections) putIn(name, page[name])
      user = page.users[0] ?? user
      token = page.token
    },
    entries: () => [...queue.values()],
    put: (entry) => {
      queue.set(entry.id, entry)
    },
    remove: (id) => {
      queue.delete(id)
    },
  }
}
