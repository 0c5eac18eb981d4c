// A database server that is gone for ten seconds at a time, under write load; all kinds of servers
// at the same time. ROUNDS says how often. In a small run it is gone until each writer has been
// refused, and nothing is said about how long anything takes.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { createLog } from '../../src/core/log.ts'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { freshDatabases } from '../support/fresh.ts'
import { startProxy } from '../support/proxy.ts'
import { isSmall, linger, lingerOrUntil, until } from '../support/size.ts'
import { createWorld, type User } from '../support/world.ts'
import { roundsOf } from './random.ts'

const ROUNDS = roundsOf(5)
const WRITERS = 12
const GONE_MS = 10_000
const BETWEEN_MS = 2_000
/** An answer within two seconds, and what a busy test machine adds to it. */
const ANSWER_MS = 2_500
const RESUME_MS = 2_000
/** After which there is no point in waiting on. */
const DEAD_MS = 60_000

/** What was asked and answered, over all writers. */
class Tally {
  readonly statuses = new Map<number, number>()
  readonly acknowledged = new Set<string>()
  slowest = 0
  lastAcknowledged = 0
  refused(): number {
    return this.statuses.get(503) ?? 0
  }
  count(status: number, ms: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.slowest = Math.max(this.slowest, ms)
  }
}

/**
 * Creates tasks one after the other, each as often as it takes, also the last one before `over`: a
 * 503 may have done its work.
 */
const write = async (
  user: User,
  writer: number,
  tally: Tally,
  over: () => boolean,
): Promise<void> => {
  for (let [n, unsure] = [0, false]; unsure || !over(); ) {
    const title = `${writer}-${n}`
    const began = performance.now()
    const answer = await user.post('/api/v1/tasks', { title }, { 'Idempotency-Key': title })
    tally.count(answer.status, performance.now() - began)
    unsure = answer.status !== 201
    if (answer.status === 201) {
      tally.acknowledged.add(title)
      tally.lastAcknowledged = performance.now()
      n++
    } else {
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(answer.headers.get('Retry-After')).toBe('2')
      await linger(50)
    }
  }
}

const titlesOf = async (user: User): Promise<string[]> => {
  const titles: string[] = []
  for (let next = '/api/v1/tasks?limit=200'; next; ) {
    const { body } = await user.get(next)
    titles.push(...body.items.map(({ title }: { title: string }) => title))
    next = body.next_cursor
      ? `/api/v1/tasks?limit=200&cursor=${encodeURIComponent(body.next_cursor)}`
      : ''
  }
  return titles
}

describe.concurrent('a database that goes away', () => {
  // In a small run on Postgres: on each, `db/servers/outage.test.ts` ends and begins it.
  const { Postgres, ...others } = freshDatabases()
  for (const [name, make] of Object.entries({ Postgres, ...(!isSmall && others) }))
    test.skipIf(make === undefined)(
      `${name}: ${ROUNDS} times gone${isSmall ? '' : ` for ${GONE_MS / 1000} s`} under the load of ${WRITERS} writers`,
      async ({ expect, onTestFinished }) => {
        const fresh = await make?.()
        if (!fresh) throw new Error('no server')
        const proxy = await startProxy(fresh.url)
        const place = findDatabaseTarget({
          databaseUrl: proxy.through(fresh.url),
          dataDir: undefined,
          spaceId: undefined,
        })
        const { db } = await openDatabase(place, { databasePoolSize: 10, migrate: 'auto' })
        // An answer that tells nobody what went wrong is a failure of this test: here it is told.
        const log = createLog('error', (line) => console.error(`${name}: ${line}`), systemClock)
        const world = await createWorld({
          open: async () => ({ db, close: () => db.close() }),
          log,
        })
        // One each: nobody may have more than ten thousand receipts.
        const users: User[] = []
        for (let i = 0; i < WRITERS; i++) users.push(await world.register(`Writer-${i}`))

        const tally = new Tally()
        let over = false
        onTestFinished(() => {
          over = true
        })
        const writers = users.map((user, i) => write(user, i, tally, () => over))
        const resumed: number[] = []
        for (let round = 0; round < ROUNDS; round++) {
          const [then, refused] = [tally.acknowledged.size, tally.refused()]
          await lingerOrUntil(BETWEEN_MS, () => tally.acknowledged.size > then + WRITERS)
          await proxy.cut()
          const before = tally.acknowledged.size
          await lingerOrUntil(GONE_MS, () => tally.refused() > refused + WRITERS)
          expect((await world.anonymous.get('/ready')).status).toBe(503)
          expect((await world.anonymous.get('/health')).status).toBe(200)
          const [back, had] = [performance.now(), tally.acknowledged.size]
          expect(had, 'it was loaded before').toBeGreaterThan(0)
          expect(had - before, 'it was really gone').toBeLessThanOrEqual(WRITERS)
          await proxy.restore()
          await until(() => {
            if (!isSmall)
              expect(performance.now() - back, 'it does not come back').toBeLessThan(DEAD_MS)
            return tally.lastAcknowledged > back
          })
          resumed.push(Math.round(tally.lastAcknowledged - back))
        }
        await linger(BETWEEN_MS)
        over = true
        await Promise.all(writers)

        const titles = (await Promise.all(users.map(titlesOf))).flat()
        console.log(
          `outage on ${name}: ${tally.acknowledged.size} tasks acknowledged, answers ${JSON.stringify(Object.fromEntries(tally.statuses))}, ` +
            `slowest ${Math.round(tally.slowest)} ms, resumed after ${resumed.join(', ')} ms`,
        )
        expect(titles).toHaveLength(new Set(titles).size)
        expect(new Set(titles)).toEqual(tally.acknowledged)
        expect([...tally.statuses.keys()].sort()).toEqual([201, 503])
        if (!isSmall) expect(tally.slowest).toBeLessThanOrEqual(ANSWER_MS)
        if (!isSmall) expect(Math.max(...resumed)).toBeLessThanOrEqual(RESUME_MS)
        await world.close()
        await proxy.close()
        await fresh.drop()
      },
    )
})
