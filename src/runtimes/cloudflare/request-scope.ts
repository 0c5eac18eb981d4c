// One request (or run of the schedule) and what belongs to it. A connection must not outlive the
// request that opened it, and a promise of one request may never settle for another: so each has
// its own, and nothing is waited for across them.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Dialect } from '../../db/database.ts'

/** What the platform gives with a request. */
export type Lifetime = { waitUntil(promise: Promise<unknown>): void }

type RequestScope = {
  db: Database | undefined
  /** Calls to the database that are under way. */
  readonly calls: Set<Promise<unknown>>
  /** Has the answer been given? */
  over: boolean
}
const scopes = new AsyncLocalStorage<RequestScope>()

/** Runs a request to its end: a caller who hangs up does not cut off what is being written. */
export const inRequestScope = <T>(lifetime: Lifetime, run: () => Promise<T>): Promise<T> => {
  const scope: RequestScope = { db: undefined, calls: new Set(), over: false }
  const outcome = scopes.run(scope, run)
  lifetime.waitUntil(
    outcome.then(
      () => leave(scope),
      () => leave(scope),
    ),
  )
  return outcome
}

const leave = async (scope: RequestScope): Promise<void> => {
  scope.over = true
  await Promise.allSettled(scope.calls)
  await scope.db?.close()
}

/**
 * A Database that is opened for each request when it first needs it. What is read after the answer
 * was given, because a long list is read while it is sent, opens one for itself.
 */
export const perRequestScope = (dialect: Dialect, open: () => Database): Database => {
  const use = async <T>(run: (db: Database) => Promise<T>): Promise<T> => {
    const scope = scopes.getStore()
    if (!scope || scope.over) return alone(open(), run)
    scope.db ??= open()
    const call = run(scope.db)
    scope.calls.add(call)
    return call.finally(() => scope.calls.delete(call))
  }
  return {
    dialect,
    longReadsAtOnce: Number.POSITIVE_INFINITY,
    one: (query, values) => use((db) => db.one(query, values)),
    all: (query, values, long) => use((db) => db.all(query, values, long)),
    atomic: (writes, options) => use((db) => db.atomic(writes, options)),
    migrate: (migrations) => use((db) => db.migrate(migrations)),
    migrated: () => use((db) => db.migrated()),
    close: async () => {},
  }
}

const alone = async <T>(db: Database, run: (db: Database) => Promise<T>): Promise<T> => {
  try {
    return await run(db)
  } finally {
    await db.close()
  }
}
