// A version that is yet to come starts on the database of this one: the older process stops writing
// by itself, and every answer that was acknowledged, by whichever, is what is read afterwards.
import { expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { clientsOf, type User } from '../support/client.ts'
import { buildNext } from '../support/next-release.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { isSmall } from '../support/size.ts'
import {
  at,
  type Balancer,
  byId,
  CLIENTS,
  createBook,
  databases,
  end,
  env,
  list,
  openBeside,
  PRESENT,
  sum,
  tally,
  write,
  writeDuring,
} from './book.ts'
import { seed } from './random.ts'

// In a small run once.
const where = isSmall ? databases.filter(([name]) => name === 'Postgres') : databases

test.each(where)(
  'an upgrade from this version to one that is yet to come, on %s: the older process stops writing by itself',
  async (name, make) => {
    if (!make)
      return console.log(`absent, so the upgrade to the next version on it was skipped: ${name}`)
    const { url, drop } = await make()
    Object.assign(tally, { acknowledged: 0, unanswered: 0, superseded: 0 })
    const entry = buildNext(temporaryFolder())
    const older = await startTaskport(env(url), PRESENT)
    const balancer: Balancer = { services: [older], random: randomOf(seed) }
    const { register } = clientsOf((path, init) => fetch(older.url + path, init))
    const users = await Promise.all(['Ann', 'Bob', 'Cem', 'Dee'].map(register))
    const books = Array.from({ length: CLIENTS }, (_, i) =>
      createBook(`client ${i}`, users[i % users.length] as User, balancer),
    )
    await write(books, () => books.every(({ tasks }) => tasks.size > 0))

    const newer = await writeDuring(books, async () => {
      const started = await startTaskport(env(url), entry)
      balancer.services = [older, started]
      return started
    })
    await writeDuring(books, async () => {})

    const [ann] = users as [User]
    const refused = await at(older, ann.token).post('/api/v1/tasks', { title: 'late' })
    expect([refused.status, refused.body.code, refused.headers.get('Retry-After')]).toEqual([
      503,
      'superseded',
      '2',
    ])
    expect((await at(older, ann.token).get('/api/v1/tasks')).status).toBe(200)
    expect((await fetch(`${older.url}/ready`)).status).toBe(503)
    expect((await fetch(`${older.url}/health`)).status).toBe(200)
    await end(older)
    balancer.services = [newer]
    for (const user of users) {
      const own = books
        .filter((book) => book.user === user.id)
        .flatMap(({ tasks }) => [...tasks.values()])
      expect(byId(await list(at(newer, user.token)))).toEqual(byId(own))
    }
    expect(
      older
        .out()
        .match(
          /"message":"a newer version has migrated the database: this process no longer writes"/g,
        ),
    ).toHaveLength(1)
    await end(newer)
    const db = await openBeside(url)
    const behind = rawQuery<{ n: unknown }>('select count(*) from users where checked_seq <> seq', [
      'n',
    ])
    expect(Number((await db.one(behind))?.n)).toBe(0)
    sum(`the present to the next on ${name}`)
    await drop()
  },
)
