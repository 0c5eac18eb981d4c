// Somebody who writes without pause and keeps book: what was sent, what was acknowledged, and later
// what is there.
import { groupBy } from '../../src/core/group-by.ts'
import type { Person, Task } from './person.ts'

/**
 * A task as its writer knows it. Its title holds its number and its version, so that what is there
 * says when it was written.
 */
type Entry = {
  readonly number: number
  readonly key: string | undefined
  id: string | undefined
  rev: string | undefined
  /** The version of the last answer, 0 without one, and of the last request. */
  acknowledged: number
  sent: number
}

export type Writer = {
  /** Writes until a request gets no answer, and answers why; throws when an answer is not a 2xx. */
  run(person: Person): Promise<unknown>
  /**
   * Sends again what carried a key and was not answered, and some of what was; answers what went
   * wrong.
   */
  repeat(person: Person): Promise<string[]>
  /** Compares with what is there; answers what went wrong. */
  check(tasks: readonly Task[]): string[]
  readonly acknowledged: () => number
}

const REPEATED = 20

export const createWriter = (name: string, random: () => number): Writer => {
  const entries: Entry[] = []
  let count = 0
  let started = 0
  const titleOf = ({ number, sent }: Entry) => `${name} ${number} v${sent}`
  const acknowledge = (entry: Entry, task: Task) => {
    count++
    entry.acknowledged = Number(/v(\d+)$/.exec(task.title)?.[1])
    entry.id = task.id
    entry.rev = task.rev
  }

  const create = async (
    person: Person,
    { keyed, twice }: { keyed: boolean; twice: boolean },
  ): Promise<void> => {
    const number = started++
    const entry: Entry = {
      number,
      key: keyed ? `${name}-${number}` : undefined,
      id: undefined,
      rev: undefined,
      acknowledged: 0,
      sent: 1,
    }
    entries.push(entry)
    const answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => person.post(titleOf(entry), entry.key)),
    )
    if (new Set(answers.map(({ body }) => body.id)).size > 1)
      throw new Error(`${entry.key} made two tasks`)
    for (const { body } of answers) acknowledge(entry, body)
  }
  const change = async (person: Person, entry: Entry): Promise<void> => {
    entry.sent++
    acknowledge(
      entry,
      (
        await person.patch(
          entry.id as string,
          titleOf(entry),
          random() < 0.5 ? entry.rev : undefined,
        )
      ).body,
    )
  }
  const step = (person: Person): Promise<void> => {
    const known = entries[Math.floor(random() * entries.length)]
    const kind = random()
    if (kind < 0.5 && known?.id !== undefined) return change(person, known)
    return create(person, { keyed: kind < 0.8, twice: kind < 0.6 })
  }

  return {
    acknowledged: () => count,
    run: async (person) => {
      for (;;)
        try {
          await step(person)
        } catch (error) {
          // fetch throws a TypeError where there is no answer.
          if (error instanceof TypeError) return error.cause
          throw error
        }
    },
    repeat: async (person) => {
      const faults: string[] = []
      const keyed = entries.filter(({ key }) => key !== undefined)
      for (const entry of keyed.filter(({ id }) => id === undefined))
        acknowledge(entry, (await person.post(titleOf(entry), entry.key)).body)
      for (const { number, key, id } of keyed.slice(-REPEATED)) {
        const { body, headers } = await person.post(`${name} ${number} v1`, key)
        if (body.id !== id || headers.get('Idempotency-Replayed') !== 'true')
          faults.push(`${key} was answered anew`)
      }
      return faults
    },
    check: (tasks) => {
      const faults: string[] = []
      const there = groupBy(
        tasks.filter(({ title }) => title.startsWith(`${name} `)),
        ({ title }) => Number(title.split(' ')[1]),
      )
      for (const entry of entries) {
        const found = there.get(entry.number) ?? []
        there.delete(entry.number)
        const [task] = found
        if (found.length > 1) faults.push(`${name} ${entry.number} is there ${found.length} times`)
        if (!task) {
          if (entry.acknowledged > 0) faults.push(`${name} ${entry.number} is lost`)
          entry.id = undefined
          continue
        }
        const version = Number(/v(\d+)$/.exec(task.title)?.[1])
        if (entry.id !== undefined && entry.id !== task.id)
          faults.push(`${name} ${entry.number} has another id`)
        if (version < entry.acknowledged || version > entry.sent)
          faults.push(
            `${name} ${entry.number} is at v${version}: v${entry.acknowledged} was acknowledged, v${entry.sent} sent`,
          )
        Object.assign(entry, { id: task.id, rev: task.rev, acknowledged: version, sent: version })
      }
      faults.push(...[...there.keys()].map((number) => `${name} ${number} was never sent`))
      // What is not there cannot be changed in the rounds to come.
      entries.splice(0, entries.length, ...entries.filter(({ id }) => id !== undefined))
      return faults
    },
  }
}
