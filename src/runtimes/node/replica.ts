import { fork } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { InStatement } from '@libsql/client'
import type { ReplicaClient } from '../../db/open/replica.ts'
import { isUnavailable } from '../../db/portable.ts'
import { type ErrorWords, errorOf } from './error-words.ts'
import { createPlaces } from './places.ts'
import { programOf } from './root.ts'

/** What the process of the replica is told first; `whole`: it answers once it has everything that the server has. */
export type ReplicaOpening = { readonly path: string; readonly url: string; readonly authToken?: string; readonly whole: boolean }
export type ReplicaCall = { readonly execute: InStatement } | 'sync'
/** What it is sent: the opening under 0, then calls under ids of their own. */
export type ReplicaMessage<Said> = { readonly id: number; readonly said: Said }
/** What it answers, under the id of the message. */
export type ReplicaAnswer = { readonly id: number } & ({ readonly rows: unknown[][] } | { readonly error: ErrorWords })

/** Milliseconds that the process may say nothing while it is asked something: longer than any request waits. */
const SILENCE_MS = 4_000
/** Milliseconds for what may fetch everything. What was fetched until then is there the next time. */
const FETCHING_MS = 60_000
/** Milliseconds until a file that could not be opened is tried again: each try starts a process. */
const AGAIN_MS = 250

const PROCESS = programOf('replica-process.ts', 'replica-process.js')

/**
 * An embedded replica, in a process of its own: its native client is synchronous, so that in this process to follow the server
 * would stop everything for a round trip, and for ever where the server says nothing. Answers when the replica has what the
 * server has. A process that dies, or says nothing for four seconds while it is asked something, is killed, and replaced when it is
 * needed next; until the next one has the file open, nothing is asked of it. A file that is no good is fetched anew.
 */
export const connectReplica = async (place: Omit<ReplicaOpening, 'whole'>): Promise<ReplicaClient> => {
  const path = fileURLToPath(place.path)
  // Only what certainly was a replica is ever removed: the variable may lead to somebody's database.
  const wasReplica = existsSync(path + INDEX)
  let file: ReplicaFile = wasReplica && !isComplete(path) ? 'broken' : 'part'
  let child: Child | undefined
  let opening: Promise<Child> | undefined
  let closed = false

  const open = async (): Promise<Child> => {
    if (closed) throw gone()
    if (file === 'broken') {
      removeReplica(path)
      file = 'part'
    }
    const whole = file === 'part'
    child = startChild()
    try {
      await child.ask({ ...place, whole }, whole ? FETCHING_MS : SILENCE_MS)
    } catch (error) {
      if (isBroken(error)) file = 'broken'
      child.end()
      await child.exited // until then it may write
      throw error
    }
    file = 'whole'
    child.exited.then(() => {
      opening = undefined
    })
    return child
  }
  const opened = (): Promise<Child> => {
    opening ??= open().catch((error) => {
      setTimeout(() => {
        opening = undefined
      }, AGAIN_MS).unref()
      throw error
    })
    return opening
  }
  const call = async (call: ReplicaCall, limit = SILENCE_MS): Promise<unknown[][]> => {
    const asked = await opened().catch((error) => {
      throw gone(error)
    })
    try {
      return await asked.ask(call, limit)
    } catch (error) {
      // Where it cannot follow although the server is there, only fetching everything anew may help.
      const broken = isBroken(error) || (call === 'sync' && !isUnavailable(error))
      if (broken && asked === child) file = 'broken'
      if (broken) asked.end()
      throw broken || call === 'sync' ? gone(error) : error
    }
  }
  opening = open().catch((error) => {
    if (file !== 'broken' || !wasReplica) throw error
    return open()
  })
  await opening
  return {
    execute: async (execute) => ({ rows: await call({ execute }) }),
    sync: async ({ patient } = { patient: false }) => void (await call('sync', patient ? FETCHING_MS : SILENCE_MS)),
    close: () => {
      closed = true
      child?.end()
    },
  }
}

/** What is known of the replica's file: all of it has been there; it is still being fetched; it is garbage, and is fetched anew. */
type ReplicaFile = 'whole' | 'part' | 'broken'

/** A replica that was cut off in the middle of a change may be garbage afterwards; it is only a copy. */
const isBroken = (error: unknown): boolean => /disk image is malformed|file is not a database/.test(String((error as Error).message))

/** How far a replica has followed: where the rest is gone, the client goes by this alone, and reads nothing. */
const INDEX = '-client_wal_index'
const isComplete = (path: string): boolean => ['', '-wal'].every((part) => existsSync(path + part))
const removeReplica = (path: string): void => {
  for (const part of ['', '-wal', '-shm', INDEX]) rmSync(path + part, { force: true })
}

const gone = (cause?: unknown) =>
  Object.assign(new Error('the embedded replica cannot be asked, or cannot follow its server', { cause }), { code: 'ECONNRESET' })

type Child = ReturnType<typeof startChild>

const startChild = () => {
  // Standard output is for the lines of our log, and the native client writes there, too. Of the environment it needs nothing.
  const child = fork(PROCESS, { env: {}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = createPlaces<PromiseWithResolvers<unknown[][]>>()
  const exited = Promise.withResolvers<void>()
  let answers = 0
  let over = false

  const end = () => {
    over = true
    process.off('exit', end)
    child.kill('SIGKILL')
    for (const { reject } of waiting.all()) reject(gone())
  }
  for (const event of ['exit', 'error']) child.on(event, end).on(event, () => exited.resolve())
  process.on('exit', end) // a process that is stuck would not notice that this one has ended

  child.on('message', ({ id, ...answer }: ReplicaAnswer) => {
    answers++
    const asker = waiting.take(id)
    if ('rows' in answer) asker?.resolve(answer.rows)
    else asker?.reject(errorOf(answer.error))
  })

  /** Ends the process if nothing at all has come from it for `limit` milliseconds, unless it lies there unread because this process was busy. */
  const watch = (limit: number) => {
    let then = answers
    const look = () => {
      if (answers === then) end()
      then = answers
    }
    const timer = setInterval(() => setImmediate(look), limit)
    return () => clearInterval(timer)
  }
  return {
    end,
    exited: exited.promise,
    ask: (said: ReplicaOpening | ReplicaCall, limit: number): Promise<unknown[][]> => {
      if (over || !child.connected) return Promise.reject(gone()) // also where it could not be started
      const asker = Promise.withResolvers<unknown[][]>()
      child.send({ id: waiting.put(asker), said } satisfies ReplicaMessage<typeof said>, (error) => error && end())
      const heard = watch(limit)
      return asker.promise.finally(heard)
    },
  }
}
