// How a database file is read and written: what is asked in one turn of the event loop shares a
// transaction, and nothing else.
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openConnection } from '../../../src/db/open/file/connection.ts'
import { createReading } from '../../../src/db/open/file/reading.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { temporaryFolder } from '../../support/process.ts'

const seven = rawQuery<{ n: number }>('select 7 as n', ['n'])
const missing = rawQuery<{ n: number }>('select n from nowhere', ['n'])

/** A real connection, which says how often each statement was run. */
const counted = () => {
  const connection = openConnection(join(temporaryFolder(), 'taskport.db'))
  onTestFinished(() => connection.close())
  const runs: string[] = []
  const prepare: typeof connection.prepare = (sql) => {
    const statement = connection.prepare(sql)
    const { run } = statement
    return Object.assign(statement, {
      run: (values: readonly unknown[]) => runs.push(sql) && run.call(statement, values),
    })
  }
  const seen = {
    prepare,
    exec: (sql: string) => connection.exec(sql),
    close: () => connection.close(),
    get inTransaction() {
      return connection.inTransaction
    },
  }
  return { ...createReading(seen, () => false), runs, connection }
}

test('what is asked in one turn is read in one transaction, and a single read in none', async () => {
  const { one, all, runs, connection } = counted()
  expect(await one(seven)).toEqual({ n: 7 })
  expect(runs).toEqual([])
  expect(await Promise.all([one(seven), one(seven), all(seven), all(seven)])).toEqual([
    { n: 7 },
    { n: 7 },
    [{ n: 7 }],
    [{ n: 7 }],
  ])
  expect(runs).toEqual(['begin', 'commit'])
  expect(connection.inTransaction).toBe(false)
})

test('a read that fails leaves those beside it alone, and the next transaction, too', async () => {
  const { one, all, runs } = counted()
  for (const round of [1, 2]) {
    const answers = await Promise.allSettled([one(missing), one(seven), all(missing), all(seven)])
    expect(answers.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(runs).toHaveLength(2 * round)
  }
})

test('where a transaction is open already, what is asked is read all the same', async () => {
  const { one, connection } = counted()
  connection.exec('begin')
  expect(await Promise.all([one(seven), one(seven)])).toEqual([{ n: 7 }, { n: 7 }])
  expect(connection.inTransaction, 'it is not ended by those who have not begun it').toBe(true)
  connection.exec('rollback')
})

test('reads that are still to be answered when the database is closed are refused', async () => {
  const db = openFile(join(temporaryFolder(), 'taskport.db'))
  const answers = Promise.allSettled([db.one(seven), db.one(seven), db.all(seven)])
  await db.close()
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})

test('writes of one turn that take long together do not hold up a read until all of them are done', async () => {
  const db = openFile(join(temporaryFolder(), 'taskport.db'))
  onTestFinished(() => db.close())
  await db.migrate([{ tag: '0000_test', statements: ['create table notes (n integer)'] }])
  const run = (text: string, mustTouch: readonly number[] = []) =>
    db.atomic([{ statement: { text, bind: () => [] }, values: {} }], { mustTouch })
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 6
    return now
  })
  onTestFinished(() => clock.mockRestore())
  let done = 0
  const count = <T>(outcome: T): T => {
    done++
    return outcome
  }
  const writes = Array.from({ length: 9 }, (_, i) =>
    run(`insert into notes values (${i})`).then(count),
  )
  const stale = run('delete from notes where n = 100', [0]).then(count)
  const before = await db.one(seven).then(() => done)
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(5)
  expect(await Promise.all(writes)).toEqual(Array(9).fill([1]))
  expect(await stale).toBe('stale')
  expect(
    await db.all(rawQuery<{ n: number }>('select n from notes order by rowid', ['n'])),
  ).toEqual(Array.from({ length: 9 }, (_, n) => ({ n })))
})
