import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Checkpoint, Checkpoints } from '../../../src/db/open/file/checkpointing.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery, type Write } from '../../../src/db/statement.ts'
import { checkpointsOf } from '../../../src/runtimes/node/checkpoints/thread.ts'
import { run } from '../../support/process.ts'
import { until } from '../../support/size.ts'

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'taskport-checkpoints-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/**
 * A file with one table, checkpointed by `checkpoints`, each of whose results is kept; `write`
 * commits a row of so many bytes.
 */
const opened = async (path: string, checkpoints: Checkpoints) => {
  const made: Checkpoint[] = []
  const counted: Checkpoints = {
    ...checkpoints,
    run: async () => {
      const checkpoint = await checkpoints.run()
      made.push(checkpoint)
      return checkpoint
    },
  }
  const db = openFile(path, { checkpoints: counted })
  await db.migrate([{ tag: '0000_test', statements: ['create table notes (text text)'] }])
  const write = (bytes: number): Promise<unknown> =>
    db.atomic([
      {
        statement: { text: `insert into notes values (zeroblob(${bytes}))`, bind: () => [] },
        values: {},
      } as Write,
    ])
  const count = async () =>
    (await db.one(rawQuery<{ n: number }>('select count(*) as n from notes', ['n'])))?.n
  return { db, made, write, count }
}

test('the log is brought into the file by another thread, and the file stands alone when it is closed', async () => {
  const path = join(folder(), 'a.db')
  const { db, made, write, count } = await opened(path, checkpointsOf(path))
  // Nothing is written while the thread starts: a log that grows long meanwhile is brought in by
  // SQLite itself.
  for (let i = 0; i < 70; i++) await write(4_000)
  await until(() => made.length > 0)
  expect(made[0]?.frames).toBeGreaterThan(60)
  expect(made[0]?.copied).toBeGreaterThan(60)
  expect(statSync(path).size).toBeGreaterThan(60 * 4_000)
  const rows = await count()
  await db.close()
  expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0)
  const again = openFile(path)
  expect(
    await again.one(rawQuery<{ n: number }>('select count(*) as n from notes', ['n'])),
  ).toEqual({ n: rows })
  await again.close()
})

test('a long log begins anew, however steadily is written', async () => {
  const path = join(folder(), 'a.db')
  const { db, made, write } = await opened(path, checkpointsOf(path))
  const hasBegunAnew = () => made.some(({ frames }, i) => frames < (made[i - 1]?.frames ?? 0))
  // Twenty times what makes a log long: how much of it was written meanwhile is up to the machine.
  for (let i = 0; i < 1_600 && !hasBegunAnew(); i++)
    await Promise.all([write(100_000), write(100_000)])
  expect(hasBegunAnew()).toBe(true)
  await db.close()
})

test.each([
  [{ frames: 4_000, copied: 3_990 }, true],
  [{ frames: 3_999, copied: 3_990 }, false],
  [{ frames: 4_000, copied: 0 }, false],
])('after %o the writer brings the rest into the file: %s', async (said, brings) => {
  const path = join(folder(), 'a.db')
  const checkpoints: Checkpoints = {
    run: async () => said,
    remains: async () => [],
    end: async () => {},
  }
  const { db, made, write } = await opened(path, checkpoints)
  while (made.length === 0) await write(100_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(statSync(path).size > 60 * 100_000).toBe(brings)
  await db.close()
})

test('the thread ends when it is told to, and is started anew when it is needed', async () => {
  const path = join(folder(), 'a.db')
  const checkpoints = checkpointsOf(path)
  const { db, write, count } = await opened(path, checkpoints)
  await write(100)
  await checkpoints.run()
  await checkpoints.end()
  expect((await checkpoints.run()).frames).toBeGreaterThan(0)
  expect(await count()).toBe(1)
  await db.close()
})

test('a process that has nothing else to do closes its database before it ends', async () => {
  const path = JSON.stringify(join(folder(), 'a.db'))
  const source = (file: string) =>
    JSON.stringify(new URL(`../../../src/${file}`, import.meta.url).href)
  const program = `
    const { openFile } = await import(${source('db/open/file.ts')})
    const { checkpointsOf } = await import(${source('runtimes/node/checkpoints/thread.ts')})
    const db = openFile(${path}, { checkpoints: checkpointsOf(${path}) })
    await db.migrate([{ tag: '0000_test', statements: ['create table notes (text text)'] }])
    const write = { statement: { text: "insert into notes values ('x')", bind: () => [] }, values: {} }
    for (let i = 0; i < 100; i++) await db.atomic([write])
    await db.close()
    console.log('closed')`
  const { exit, out } = run(process.execPath, ['--input-type=module', '--eval', program], {})
  expect([await exit, out()]).toEqual([0, 'closed\n'])
})

test('no checkpoint begins behind the end of the thread', async () => {
  const said: string[] = []
  const checkpoints: Checkpoints = {
    run: async () => {
      said.push('run')
      return { frames: 0, copied: 0 }
    },
    remains: async () => [],
    end: async () => void said.push('end'),
  }
  const { db, write } = await opened(join(folder(), 'a.db'), checkpoints)
  for (let i = 0; i < 62; i++) await write(1)
  void write(1) // the 63rd, which closing runs ahead of its turn: the turn itself would be the 64th
  await db.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toEqual(['end'])
})

test('without that thread SQLite does it by itself', async () => {
  const path = join(folder(), 'a.db')
  const broken: Checkpoints = {
    run: () => Promise.reject(new Error('no thread')),
    remains: async () => [],
    end: async () => {},
  }
  const { db, write, count } = await opened(path, broken)
  for (let i = 0; i < 70; i++) await write(1_000_000)
  expect(statSync(path).size).toBeGreaterThan(20_000_000)
  expect(await count()).toBe(70)
  await db.close()
})
