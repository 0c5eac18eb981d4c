import { fork } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InStatement } from '@libsql/client'
import type { LibsqlClient } from '../../db/open/libsql.ts'
import { type ErrorWords, errorOf } from './error-words.ts'
import { createPlaces } from './places.ts'
import { programOf } from './root.ts'

/** What the process of the replica is told first; `whole`: it answers once it has everything that the server has. */
export type ReplicaOpening = { readonly path: string; readonly url: string; readonly authToken?: string; readonly whole: boolean }
export type ReplicaCall = { readonly execute: InStatement } | { readonly batch: InStatement[] }
/** What it is sent: the opening under 0, then calls under ids of their own. */
export type ReplicaMessage<Said> = { readonly id: number; readonly said: Said }
export type ReplicaResult = { readonly rows: unknown[][]; readonly rowsAffected: number }
/** What it answers, under the id of the message. */
export type ReplicaAnswer = { readonly id: number } & ({ readonly results: ReplicaResult[] } | { readonly error: ErrorWords })

/**
 * Milliseconds that the process may say nothing while it is asked something; its server is then taken for gone, and it is
 * killed. Longer than any request waits: a query that takes its time is none of a server's.
 */
const SILENCE_MS = 4_000
/** Milliseconds for the first opening, which fetches everything. What was fetched until then is there the next time. */
const FIRST_OPENING_MS = 60_000
const TEN_MINUTES = 600_000

const PROCESS = programOf('replica-process.ts', 'replica-process.js')

/** A client for requests, whose calls end when the process is silent, and one for what may take its time. Closing the first ends both. */
type Replica = { readonly client: LibsqlClient; readonly patient: LibsqlClient }

/**
 * An embedded replica, in a process of its own: its native client is synchronous, so that in this process a write would
 * stop everything for a round trip to the server, and for ever where the server says nothing. Answers when the replica has
 * what the server has. A process that falls silent or dies is killed, and replaced when it is needed next.
 */
export const connectReplica = async (place: Omit<ReplicaOpening, 'whole'>): Promise<Replica> => {
  let current = startProcess()
  let broken = false
  let closed = false
  await current.ask({ ...place, whole: true }, FIRST_OPENING_MS).catch((error) => {
    current.end() // nobody else will, and it would keep this process from ending
    throw error
  })
  const replace = () => {
    const [next, whole] = [startProcess(), broken]
    if (broken) removeReplica(place.path)
    broken = false
    current = next
    next.ask({ ...place, whole }, whole ? FIRST_OPENING_MS : SILENCE_MS).catch(next.end)
  }
  const call = async (call: ReplicaCall, limit: number): Promise<ReplicaResult[]> => {
    if (current.ended() && !closed) replace()
    const asked = current
    try {
      return await asked.ask(call, limit)
    } catch (error) {
      if (!isBroken(error)) throw error
      broken ||= asked === current
      asked.end()
      throw gone()
    }
  }
  const within = (limit: number, close: () => void): LibsqlClient => ({
    execute: async (execute) => (await call({ execute }, limit))[0] as ReplicaResult,
    batch: (batch) => call({ batch }, limit),
    close,
  })
  const close = () => {
    closed = true
    current.end()
  }
  return { client: within(SILENCE_MS, close), patient: within(TEN_MINUTES, () => {}) }
}

/** A replica whose server went away in the middle of a write may be garbage afterwards; it is only a copy, and is fetched again. */
const isBroken = (error: unknown): boolean => /disk image is malformed|file is not a database/.test(String((error as Error).message))

const removeReplica = (url: string): void => {
  const path = fileURLToPath(url)
  for (const name of readdirSync(dirname(path)))
    if (name === basename(path) || name.startsWith(`${basename(path)}-`)) rmSync(join(dirname(path), name))
}

const gone = () => Object.assign(new Error('the process of the embedded replica has ended'), { code: 'ECONNRESET' })

const startProcess = () => {
  // Standard output is for the lines of our log, and the native client writes there, too. Of the environment it needs nothing.
  const child = fork(PROCESS, { env: {}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = createPlaces<PromiseWithResolvers<ReplicaResult[]>>()
  let answers = 0
  let over = false

  const end = () => {
    over = true
    process.off('exit', end)
    child.kill('SIGKILL')
    for (const { reject } of waiting.all()) reject(gone())
  }
  child.on('exit', end).on('error', end)
  process.on('exit', end) // a process that is stuck would not notice that this one has ended

  child.on('message', ({ id, ...answer }: ReplicaAnswer) => {
    answers++
    const asker = waiting.take(id)
    if ('results' in answer) asker?.resolve(answer.results)
    else asker?.reject(errorOf(answer.error))
  })

  /** Ends the process if nothing at all has come from it for `limit` milliseconds, unless it lies there unread because this process was busy. */
  const watch = (limit: number) => {
    const then = answers
    const timer = setTimeout(() => setImmediate(() => answers === then && end()), limit)
    return () => clearTimeout(timer)
  }
  return {
    ended: () => over,
    end,
    ask: (said: ReplicaOpening | ReplicaCall, limit: number): Promise<ReplicaResult[]> => {
      if (over) return Promise.reject(gone())
      const asker = Promise.withResolvers<ReplicaResult[]>()
      child.send({ id: waiting.put(asker), said } satisfies ReplicaMessage<typeof said>, (error) => error && end())
      const heard = watch(limit)
      return asker.promise.finally(heard)
    },
  }
}
