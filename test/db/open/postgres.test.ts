// A read whose server gives up in the middle of its rows (a limit of time is over), and the next one
// on the same connection; and batches that are sent as a whole.
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../src/db/open/postgres.ts'
import { isConnectionLost } from '../../../src/db/open/reconnecting-client.ts'
import { type Query, rawQuery, write } from '../../../src/db/statement.ts'
import { freshDatabases } from '../../support/fresh.ts'

const make = freshDatabases().Postgres

const reading = (text: string): Query<number> => ({
  text,
  bind: () => [],
  row: ([cell]) => Number(cell),
})
/** Fails behind two rows. */
const failing = reading('select 6 / (3 - i) from generate_series(1, 5) as t(i)')
const three = reading('select i from generate_series(1, 3) as t(i)')

const open = async () => {
  const fresh = await make?.()
  if (!fresh) throw new Error('no server')
  const db = openPostgres({ url: fresh.url, poolSize: 1 })
  onTestFinished(async () => {
    await db.close()
    await fresh.drop()
  })
  return db
}

test.skipIf(make === undefined)('a read behind one that failed has all of its rows', async () => {
  const db = await open()
  await expect(db.all(failing)).rejects.toMatchObject({ code: '22012' })
  expect(await db.all(three)).toEqual([1, 2, 3])
  await expect(db.all(failing)).rejects.toMatchObject({ code: '22012' })
  expect(await db.one(three)).toBe(1)
})

test.skipIf(make === undefined)('so it is where they were sent together', async () => {
  const db = await open()
  await db.all(three)
  const all = await Promise.allSettled([db.all(failing), db.one(three), db.all(three)])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(all.slice(1)).toMatchObject([{ value: 1 }, { value: [1, 2, 3] }])
})

const raw = (text: string) => write(rawQuery(text, []), {})
const count = rawQuery<{ n: number }>('select count(*)::int from things', ['n'])
const withThings = async () => {
  const db = await open()
  await db.atomic([raw('create table things (id int primary key)')])
  const things = async () => (await db.one(count))?.n
  return { db, things }
}
const insert = raw('insert into things select coalesce(max(id), 0) + 1 from things')
const none = raw('delete from things where id < 0')

test.skipIf(make === undefined)(
  'a batch is one transaction: its first failure undoes it, and the next one goes on',
  async () => {
    const { db, things } = await withThings()
    expect(await db.atomic([insert, insert, none], { mustTouch: [0] })).toEqual([1, 1, 0])
    expect(await db.atomic([insert, none, insert], { mustTouch: [1] })).toBe('stale')
    const divided = raw('delete from things where 1 / (id - id) = 1')
    await expect(db.atomic([insert, divided, none], { mustTouch: [2] })).rejects.toMatchObject({
      code: '22012',
    })
    await expect(
      db.atomic([insert, raw('insert into things values (1)'), insert]),
    ).rejects.toMatchObject({ code: '23505' })
    expect(await things()).toBe(2)
    expect(await db.atomic([insert])).toEqual([1])
    expect(await things()).toBe(3)
  },
)

test.skipIf(make === undefined)(
  'more writes than the driver sends at a time are one transaction',
  async () => {
    const { db, things } = await withThings()
    const many = Array.from({ length: 150 }, () => insert)
    expect(await db.atomic(many)).toEqual(many.map(() => 1))
    expect(await db.atomic([...many, none], { mustTouch: [many.length] })).toBe('stale')
    expect(await things()).toBe(150)
  },
)

test.skipIf(make === undefined)(
  'where the connection is lost in the middle, nothing of the batch is there, and the next one is done',
  async () => {
    const { db, things } = await withThings()
    const cut = raw('delete from things where id = 1 and pg_terminate_backend(pg_backend_pid())')
    for (const length of [0, 3, 150]) {
      await db.atomic([insert])
      const before = await things()
      const behind = Array.from({ length }, () => insert)
      const failure = await db.atomic([insert, cut, ...behind]).catch((error: unknown) => error)
      expect(isConnectionLost(failure), String(failure)).toBe(true)
      expect(await things()).toBe(before)
    }
  },
)

test.skipIf(make === undefined)(
  'a statement that the server has forgotten is not run behind its transaction',
  async () => {
    const { db, things } = await withThings()
    const text = 'insert into things values ($1::int)'
    const numbered = (id: number) =>
      write({ text, bind: (values: { id: number }) => [values.id] }, { id })
    await db.atomic([numbered(11)])
    await db.all(rawQuery('deallocate all', []))
    await expect(db.atomic([insert, numbered(12), insert])).rejects.toMatchObject({
      code: 'CONNECTION_STATEMENT_LOST',
    })
    expect(await things()).toBe(1)
    expect(await db.atomic([numbered(13), insert])).toEqual([1, 1])
    expect(await things()).toBe(3)
  },
)
