// Callers who hang up at many moments while an isolate starts: on workerd an answer that was cut
// off takes its promises with it.
import { request } from 'node:http'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { startWorkerd } from './bare-workerd.ts'
import { type MakeDatabase, makerOf } from './databases.ts'
import { startWrangler } from './wrangler.ts'

/**
 * A request whose caller hangs up after so many milliseconds. Answers whether it was still on its
 * way then.
 */
const hangUp = (url: string, ms: number, body?: object): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(url, {
      agent: false,
      method: body ? 'POST' : 'GET',
      headers: body ? { 'Content-Type': 'application/json' } : {},
    })
    let answered = false
    asked.once('response', () => {
      answered = true
    })
    asked.once('error', () => resolve(!answered)).once('close', () => resolve(!answered))
    asked.end(body && JSON.stringify(body))
    // a mere end of sending would be no end of listening
    setTimeout(() => asked.socket?.resetAndDestroy(), ms)
  })

/**
 * Keeps the migrations from going on: whoever starts meanwhile is in the middle of it. Answers what
 * lets them go on.
 */
const holdMigrations = async (url: string): Promise<() => Promise<void>> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql`select pg_advisory_lock(hashtext('taskport.migrate'))`
  return () => sql.end()
}

const wanted = process.env['TEST_DATABASES']?.split(',') ?? ['D1', 'Postgres']
describe.each(['D1', 'Postgres', 'libSQL server'].filter((name) => wanted.includes(name)))(
  'an isolate on %s',
  (name) => {
    const make = makerOf(name)
    test.skipIf(typeof make === 'string')(
      'whose first callers hang up serves the next one',
      async () => {
        const { url: database, drop } = await (make as MakeDatabase)()
        // D1 is a part of wrangler's.
        const start = name === 'D1' ? startWrangler : startWorkerd
        const started = await start({ database, env: { RATE_LIMIT: 'off' } })
        const release = name === 'Postgres' ? await holdMigrations(database) : async () => {}
        try {
          const hung = await Promise.all(
            [10, 40, 80, 150, 250, 400].map((ms) => hangUp(`${started.url}/ready`, ms)),
          )
          expect(hung, 'somebody hung up in time').toContain(true)
          await release()
          expect((await fetch(`${started.url}/ready`)).status, started.said()).toBe(200)

          const person = { email: 'ada@example.org', password: 'Ada likes long walks' }
          await fetch(`${started.url}/api/v1/auth/register`, json(person))
          const signIns = await Promise.all(
            [5, 20, 50, 100].map((ms) => hangUp(`${started.url}/api/v1/auth/login`, ms, person)),
          )
          expect(signIns, 'somebody hung up in time').toContain(true)
          expect(
            (await fetch(`${started.url}/api/v1/auth/login`, json(person))).status,
            started.said(),
          ).toBe(200)
          expect(started.said()).not.toMatch(/different request|can never settle|hung/)
        } finally {
          await started.stop()
          await drop()
        }
      },
    )
  },
)

const json = (body: object) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})
