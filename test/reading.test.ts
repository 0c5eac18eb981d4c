// How a database file is read: what is asked in one turn of the event loop shares a transaction, and nothing else.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openConnection } from '../src/db/open/file/connection.ts'
import { createReading } from '../src/db/open/file/reading.ts'
import { openFile } from '../src/db/open/file.ts'
import { rawQuery } from '../src/db/statement.ts'
import { temporaryFolder } from './support/process.ts'

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
    return Object.assign(statement, { run: (values: readonly unknown[]) => runs.push(sql) && run.call(statement, values) })
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
  expect(await Promise.all([one(seven), one(seven), all(seven), all(seven)])).toEqual([{ n: 7 }, { n: 7 }, [{ n: 7 }], [{ n: 7 }]])
  expect(runs).toEqual(['begin', 'commit'])
  expect(connection.inTransaction).toBe(false)
})

test('a read that fails leaves those beside it alone, and the next transaction, too', async () => {
  const { one, all, runs } = counted()
  for (const round of [1, 2]) {
    const answers = await Promise.allSettled([one(missing), one(seven), all(missing), all(seven)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
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
