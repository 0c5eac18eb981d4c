// A libSQL server with a replica of it on this machine: the replica answers reads, and whatever is written goes to the server.
import type { Database } from '../database.ts'
import { isUnavailable, neverArrived } from '../portable.ts'
import { rawQuery } from '../statement.ts'
import { createDeadline, DEADLINE_MS } from './deadline.ts'
import { type LibsqlReader, readingOf } from './libsql.ts'

const READS_AT_A_TIME = 20
const ping = rawQuery('select 1', ['one'])

export type ReplicaClient = LibsqlReader & {
  /** Answers when the replica has what the server had when this was asked; `patient` where that may be much. */
  sync(how?: { patient: boolean }): Promise<void>
  close(): void
}

/** Thrown where the replica may lack what somebody has written. */
class ReplicaBehind extends Error {
  readonly code = 'DATABASE_BEHIND'
  constructor(cause: unknown) {
    super('the replica cannot follow its server', { cause })
  }
}

/**
 * Whoever has written is answered when the replica has it as well, and so reads it. Where it is not known what was written, or
 * the replica could not follow, nothing is read until it has caught up: `deadline` milliseconds at most, then it rejects.
 */
export const openReplica = (server: Database, client: ReplicaClient, deadlineMs = DEADLINE_MS): Database => {
  const deadline = createDeadline(deadlineMs)
  // Of the writes that the replica may lack: how many there were, and up to which of them it has followed since.
  let [doubts, cleared] = [0, 0]

  let last: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  /** Everything that the server has now. Whoever asks while the replica follows shares the next time: it follows once at a time. */
  const follow = (): Promise<void> => {
    const begin = () => {
      next = undefined
      const covered = doubts
      last = client.sync().then(() => {
        cleared = Math.max(cleared, covered)
      })
      return last
    }
    next ??= last.then(begin, begin)
    return next
  }

  let catchingUp: Promise<void> | undefined
  /** The replica's client waits for seconds where its server is gone; whether it is there is told at once by HTTP. */
  const caughtUp = async (): Promise<void> => {
    const wanted = doubts
    while (wanted > cleared) {
      catchingUp ??= server
        .one(ping)
        .then(follow)
        .finally(() => {
          catchingUp = undefined
        })
      await catchingUp.catch((error) => {
        throw new ReplicaBehind(error)
      })
    }
  }

  const atomic: Database['atomic'] = async (writes, options) => {
    const outcome = await server.atomic(writes, options).catch(async (error) => {
      if (!isUnavailable(error))
        await follow().catch(() => {}) // refused, perhaps for what others have written
      else if (!neverArrived(error)) doubts++
      throw error
    })
    await follow().catch((error) => {
      doubts++
      throw new ReplicaBehind(error)
    })
    return outcome
  }
  const execute: LibsqlReader['execute'] = async (statement) => {
    await caughtUp()
    return client.execute(statement)
  }
  return {
    ...server,
    ...readingOf({ execute }, { deadline, poolSize: READS_AT_A_TIME }),
    atomic: (writes, options) => deadline(() => atomic(writes, options)),
    migrate: async (migrations) => {
      const applied = await server.migrate(migrations)
      await client.sync({ patient: true })
      return applied
    },
    close: async () => {
      client.close()
      await server.close()
    },
  }
}
