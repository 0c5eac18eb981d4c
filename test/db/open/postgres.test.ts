// A read whose server gives up in the middle of its rows (a limit of time is over), and the next one
// on the same connection.
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../src/db/open/postgres.ts'
import type { Query } from '../../../src/db/statement.ts'
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
