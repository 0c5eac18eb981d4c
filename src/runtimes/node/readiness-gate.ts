import type { App } from '../../app.ts'
import type { Database } from '../../db/database.ts'
import { lacking, type Migration } from '../../db/migrate.ts'
import type { Deps } from '../../http/deps.ts'
import { answerUnready } from '../unready.ts'

const LOOK_MS = 1_000

type Waiting = {
  readonly db: Database
  readonly migrations: readonly Migration[]
  readonly log: Deps['log']
}
export const STARTING = 'The service is starting.'
export const UNMIGRATED = 'The database has not been migrated to this version yet.'

/**
 * The service until the database is migrated (MIGRATE=off). It answers 503 to everything that needs
 * the database. `start` makes the real app.
 */
export const waitForMigrations = (waiting: Waiting, start: () => Promise<App>): App => {
  const gate = createReadinessGate(UNMIGRATED, waiting.log)
  whenMigrated(waiting, async () => gate.open(await start()))
  return gate
}

/** Calls `start` when no migration is missing any more, and again if it fails. */
export const whenMigrated = (
  { db, migrations, log }: Waiting,
  start: () => Promise<void>,
): void => {
  const look = async () => {
    try {
      if ((await lacking(db, migrations)).length === 0) {
        await start()
        log.info('the database has been migrated')
        return
      }
    } catch (error) {
      log.warning('the database cannot be used yet', { error })
    }
    setTimeout(look, LOOK_MS).unref()
  }
  setTimeout(look, LOOK_MS).unref()
}

export type ReadinessGate = App & { open(app: App): void; wait(detail: string): void }

/**
 * Answers every request with the reason why the service is not ready, until `open` gives it an app.
 */
export const createReadinessGate = (detail: string, log: Deps['log']): ReadinessGate => {
  let reason = detail
  let app: App = {
    fetch: (request) => answerUnready(request, reason, log),
    request: async (path, init) =>
      answerUnready(new Request(new URL(path, 'http://localhost'), init), reason, log),
  }
  return {
    fetch: (request, env) => app.fetch(request, env),
    request: (path, init) => app.request(path, init),
    open: (shown) => {
      app = shown
    },
    wait: (detail) => {
      reason = detail
    },
  }
}
