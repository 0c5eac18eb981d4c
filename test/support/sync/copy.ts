// A copy of what a user has, as a client keeps it by GET /changes, and the same as the lists say.
import { expect } from 'vitest'
import type { Client } from '../client.ts'

type Thing = { readonly id: string; readonly [field: string]: unknown }
type Kept = Record<'projects' | 'tasks' | 'labels' | 'comments' | 'reminders', Map<string, Thing>>
const collections = ['projects', 'tasks', 'labels', 'comments', 'reminders'] as const
const collectionOf: Readonly<Record<string, (typeof collections)[number]>> = {
  project: 'projects',
  task: 'tasks',
  label: 'labels',
  comment: 'comments',
  reminder: 'reminders',
}

export type Copy = {
  /** How far it has read; undefined before its first page. */
  readonly token: string | undefined
  /** Reads one page of at most `limit` changes. Answers whether there is another one. */
  page(client: Client, limit: number): Promise<boolean>
  /** Reads until there is nothing more, and again from the beginning where the token is too old. */
  follow(client: Client, limit: () => number): Promise<void>
  /** Another one that is as far as this one is. */
  fork(): Copy
  /** All that is in it, by collections and ids. */
  content(): object
}

const none = (): Kept => ({
  projects: new Map(),
  tasks: new Map(),
  labels: new Map(),
  comments: new Map(),
  reminders: new Map(),
})

const takeOut = (kept: Kept, entity: string, id: string): void => {
  const collection = collectionOf[entity]
  if (!collection) throw new Error(`a ${entity} is gone`)
  kept[collection].delete(id)
  if (entity !== 'task') return
  for (const name of ['comments', 'reminders'] as const)
    for (const one of kept[name].values()) if (one['task_id'] === id) kept[name].delete(one.id)
}

const sorted = (all: Iterable<Thing>) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1))

export const createCopy = (
  kept = none(),
  token: string | undefined = undefined,
  user: unknown = undefined,
): Copy => {
  let [held, at, who] = [kept, token, user]
  const page: Copy['page'] = async (client, limit) => {
    const since = at === undefined ? '' : `&since=${at}`
    const { status, body, text } = await client.get(`/api/v1/changes?limit=${limit}${since}`)
    if (status === 410 && body.code === 'sync_token_expired') {
      held = none()
      at = undefined
      return true
    }
    // Not now: a client asks again.
    if (status === 503) return true
    expect(status, text).toBe(200)
    for (const { entity, id } of body.gone) takeOut(held, entity, id)
    for (const name of collections) for (const one of body[name]) held[name].set(one.id, one)
    who = body.users[0] ?? who
    at = body.token
    return body.has_more
  }
  return {
    get token() {
      return at
    },
    page,
    follow: async (client, limit) => {
      while (await page(client, limit())) {}
    },
    fork: () => {
      const own = none()
      for (const name of collections) own[name] = new Map(held[name])
      return createCopy(own, at, who)
    },
    content: () => ({
      user: who,
      ...Object.fromEntries(collections.map((name) => [name, sorted(held[name].values())])),
    }),
  }
}

const all = async (client: Client, path: string): Promise<Thing[]> => {
  const items: Thing[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const joint = path.includes('?') ? '&' : '?'
    const after = cursor === '' ? '' : `&cursor=${cursor}`
    const { status, body, text } = await client.get(`${path}${joint}limit=200${after}`)
    expect(status, text).toBe(200)
    items.push(...body.items)
    cursor = body.next_cursor ?? null
  }
  return items
}

/** What the lists say, in the form of a copy's content. */
export const listed = async (client: Client): Promise<object> => {
  const { quotas: _quotas, running: _running, ...user } = (await client.get('/api/v1/me')).body
  const tasks = [
    ...(await all(client, '/api/v1/tasks')),
    ...(await all(client, '/api/v1/tasks?deleted=true')),
  ]
  const [comments, reminders]: [Thing[], Thing[]] = [[], []]
  for (const { id } of tasks) {
    comments.push(...(await all(client, `/api/v1/tasks/${id}/comments`)))
    reminders.push(...(await client.get(`/api/v1/tasks/${id}/reminders`)).body.items)
  }
  return {
    user,
    projects: sorted(await all(client, '/api/v1/projects')),
    tasks: sorted(tasks),
    labels: sorted(await all(client, '/api/v1/labels')),
    comments: sorted(comments),
    reminders: sorted(reminders),
  }
}
