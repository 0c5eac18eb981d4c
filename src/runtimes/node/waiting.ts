import type { App } from '../../app.ts'
import type { Database } from '../../db/database.ts'
import type { Migration } from '../../db/migrate.ts'
import type { Deps } from '../../http/deps.ts'
import { answerUnready } from '../unready.ts'
import { lacking } from './database.ts'

const LOOK_MS = 1_000

/**
 * The service while somebody else still has to migrate the database (MIGRATE=off): the process is healthy, and everything
 * else is answered 503. `start` makes the real app; it is called once nothing is missing, and again if it fails.
 */
export const waitForMigrations = (
  { db, migrations, log }: { db: Database; migrations: readonly Migration[]; log: Deps['log'] },
  start: () => Promise<App>,
): App => {
  const front = createFront('The database has not been migrated to this version yet.')
  const look = async () => {
    try {
      if ((await lacking(db, migrations)).length === 0) {
        front.show(await start())
        log.info('the database has been migrated')
        return
      }
    } catch (error) {
      log.warning('the database cannot be used yet', { error })
    }
    setTimeout(look, LOOK_MS).unref()
  }
  setTimeout(look, LOOK_MS).unref()
  return front
}

export type Front = App & { show(app: App): void }

/** Answers that it waits, and for what, until it has an app to show. */
export const createFront = (detail: string): Front => {
  let app: App = {
    fetch: (request) => answerUnready(request, detail),
    request: async (path, init) => answerUnready(new Request(new URL(path, 'http://localhost'), init), detail),
  }
  return {
    fetch: (request, env) => app.fetch(request, env),
    request: (path, init) => app.request(path, init),
    show: (shown) => {
      app = shown
    },
  }
}
