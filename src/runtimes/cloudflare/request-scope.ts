// One request, or one run of the schedule, and what belongs to it. On Workers a connection must not
// outlive the request that opened it, and the promise of one request may never settle for another.
// So each request has its own database, and waits for no other request.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Dialect } from '../../db/database.ts'

/** What the platform passes with a request. */
export type Lifetime = { waitUntil(promise: Promise<unknown>): void }

type RequestScope = {
  db: Database | undefined
  /** Calls to the database that run. */
  readonly calls: Set<Promise<unknown>>
  readonly lifetime: Lifetime
  /** Whether the response has been returned. */
  over: boolean
}
const scopes = new AsyncLocalStorage<RequestScope>()

/** Runs a request to its end, also when the client closes the connection. */
export const inRequestScope = <T>(lifetime: Lifetime, run: () => Promise<T>): Promise<T> => {
  const scope: RequestScope = { db: undefined, calls: new Set(), lifetime, over: false }
  const outcome = scopes.run(scope, run)
  lifetime.waitUntil(
    outcome.then(
      () => leave(scope),
      () => leave(scope),
    ),
  )
  return outcome
}

/** Keeps work of the present request going behind its response, for as long as the platform lets it. */
export const keepGoing = (work: Promise<void>): void => scopes.getStore()?.lifetime.waitUntil(work)

const leave = async (scope: RequestScope): Promise<void> => {
  scope.over = true
  await Promise.allSettled(scope.calls)
  await scope.db?.close()
}

/**
 * A Database that is opened once per request, when it is first needed. A long list is read while it
 * is sent, after the response was returned: such a read opens a database of its own.
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
