// A libSQL server with a replica of it on this machine: the replica answers reads, and whatever is written goes to the server.
import type { Database } from '../database.ts'
import { isUnavailable, neverArrived } from '../portable.ts'
import { createDeadline, DEADLINE_MS } from './deadline.ts'
import { type LibsqlReader, readingOf } from './libsql.ts'

const READS_AT_A_TIME = 20

export type ReplicaClient = LibsqlReader & {
  /** Answers when the replica has what the server had when this was asked. */
  sync(): Promise<void>
  close(): void
}

/**
 * Whoever has written is answered when the replica has it as well, and so reads it. Where it is not known what was written, or
 * the replica could not follow, nothing is read until it has caught up: `deadline` milliseconds at most, then it rejects.
 */
export const openReplica = (server: Database, client: ReplicaClient, deadlineMs = DEADLINE_MS): Database => {
  const deadline = createDeadline(deadlineMs)
  // Each step at the server has a number. The replica has everything up to `reached`, and needs everything up to `needed`.
  let [steps, needed, reached] = [0, 0, 0]
  const doubt = () => {
    needed = ++steps
  }
  const catchUp = async (): Promise<void> => {
    const step = ++steps
    try {
      await client.sync()
      reached = Math.max(reached, step)
    } catch (error) {
      needed = Math.max(needed, step)
      throw error
    }
  }
  let catchingUp: Promise<void> | undefined
  const caughtUp = async (): Promise<void> => {
    while (needed > reached) {
      // The replica's client waits for seconds where its server is gone; whether it is there is told at once by HTTP.
      catchingUp ??= server
        .migrated()
        .then(catchUp)
        .finally(() => {
          catchingUp = undefined
        })
      await catchingUp
    }
  }
  /** Does something at the server; then the replica follows, also where the server refused, for others may have been there. */
  const followed = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      const result = await act()
      await catchUp()
      return result
    } catch (error) {
      if (isUnavailable(error)) {
        if (!neverArrived(error)) doubt()
      } else await catchUp()
      throw error
    }
  }
  const execute: LibsqlReader['execute'] = async (statement) => {
    await caughtUp()
    return client.execute(statement)
  }
  return {
    ...server,
    ...readingOf({ execute }, { deadline, poolSize: READS_AT_A_TIME }),
    atomic: (writes, options) => deadline(() => followed(() => server.atomic(writes, options))),
    migrate: (migrations) => followed(() => server.migrate(migrations)),
    close: async () => {
      client.close()
      await server.close()
    },
  }
}
