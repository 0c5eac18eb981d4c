import type { App } from '../../app.ts'
import { DomainError } from '../../core/errors.ts'
import type { Database } from '../../db/database.ts'
import type { Migration } from '../../db/migrate.ts'
import type { Deps } from '../../http/deps.ts'
import { answerOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request.ts'
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

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers } })

const answer = (request: Request, detail: string): Response => {
  const path = new URL(request.url).pathname
  const requestId = requestIdOf(request.headers.get('x-request-id') ?? undefined)
  const identified = { 'X-Request-Id': requestId }
  if (path === '/') return json(200, { name: 'Taskport', detail }, identified)
  if (path === '/health') return json(200, { status: 'ok' }, identified)
  if (path === '/ready') return json(503, { status: 'unavailable' }, identified)
  const error = new DomainError('unavailable', detail)
  const { status, body, headers } = answerOf(error, { requestId, path, place: 'parameter' })
  return json(status, body as object, { ...headers, ...identified })
}

export type Front = App & { show(app: App): void }

/** Answers that it waits, and for what, until it has an app to show. */
export const createFront = (detail: string): Front => {
  let app: App = {
    fetch: (request) => answer(request, detail),
    request: async (path, init) => answer(new Request(new URL(path, 'http://localhost'), init), detail),
  }
  return {
    fetch: (request, env) => app.fetch(request, env),
    request: (path, init) => app.request(path, init),
    show: (shown) => {
      app = shown
    },
  }
}
