import { mkdtempSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import type { BatchOptions } from '../../../src/db/database.ts'
import type { Checkpoint, Checkpoints } from '../../../src/db/open/file/checkpointing.ts'
import { openConnection } from '../../../src/db/open/file/connection.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery, type Write } from '../../../src/db/statement.ts'
import { checkpointsOf } from '../../../src/runtimes/node/checkpoints/thread.ts'
import { createLogWait, isTooLong } from '../../../src/runtimes/node/long-reads/log-wait.ts'
import { run } from '../../support/process.ts'
import { until } from '../../support/size.ts'

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'taskport-checkpoints-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** A thread that finds nothing to do. */
const idle: Checkpoints = {
  run: async () => ({ frames: 0, copied: 0 }),
  empty: async () => true,
  remains: async () => ({ pages: [], next: undefined }),
  end: async () => {},
}

const rows = rawQuery<{ n: number }>('select count(*) as n from notes', ['n'])
/** The rows of a file that was closed. */
const countIn = async (path: string) => {
  const db = openFile(path)
  const found = await db.one(rows)
  await db.close()
  return found?.n
}

/**
 * A file with one table, checkpointed by `checkpoints`, each of whose results is kept; `write`
 * commits a row of so many bytes.
 */
const opened = async (path: string, checkpoints: Checkpoints) => {
  const made: Checkpoint[] = []
  const counted: Checkpoints = {
    ...checkpoints,
    run: async (isLast) => {
      const checkpoint = await checkpoints.run(isLast)
      made.push(checkpoint)
      return checkpoint
    },
  }
  const db = openFile(path, { checkpoints: counted })
  await db.migrate([{ tag: '0000_test', statements: ['create table notes (text text)'] }])
  const write = (bytes: number, options?: BatchOptions): Promise<unknown> =>
    db.atomic(
      [
        {
          statement: { text: `insert into notes values (zeroblob(${bytes}))`, bind: () => [] },
          values: {},
        } as Write,
      ],
      options,
    )
  const count = async () => (await db.one(rows))?.n
  const hasBegunAnew = () => made.some(({ frames }, i) => frames < (made[i - 1]?.frames ?? 0))
  return { db, made, write, count, hasBegunAnew }
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
  const before = await count()
  await db.close()
  expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0)
  expect(await countIn(path)).toBe(before)
})

test('a long log begins anew, however steadily is written', async () => {
  const path = join(folder(), 'a.db')
  const { db, made, write, hasBegunAnew } = await opened(path, checkpointsOf(path))
  // How much is written until then is up to the machine.
  while (!hasBegunAnew()) await Promise.all([write(100_000), write(100_000)])
  const last = made[made.findIndex(({ frames }, i) => frames < (made[i - 1]?.frames ?? 0)) - 1]
  expect(last?.copied, 'all of it was in the file before').toBe(last?.frames)
  await db.close()
})

test.each([
  [{ frames: 4_000, copied: 3_990 }, true],
  [{ frames: 3_999, copied: 3_990 }, false],
  [{ frames: 4_000, copied: 0 }, false],
  [{ frames: 9_000, copied: 4_000 }, false],
  [{ frames: 16_000, copied: 4_000 }, true],
])('after %o writes wait for the end of the log: %s', async (said, waits) => {
  let attempts = 0
  const last = createDeferred<void>()
  const { db, made, write, count } = await opened(join(folder(), 'a.db'), {
    ...idle,
    run: async () => {
      attempts++
      if (attempts === 4) await last.promise
      return said
    },
  })
  while (made.length === 0) await write(1)
  await new Promise((resolve) => setImmediate(resolve))
  const before = await count()
  const writing = write(1)
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(await count()).toBe((before ?? 0) + (waits ? 0 : 1))
  last.resolve()
  await writing
  expect(await count()).toBe((before ?? 0) + 1)
  await db.close()
})

test('behind a first pass over a long log, wide batches wait, and the others go on', async () => {
  const passes = [4_000, 5_000, 6_000].map((frames) => ({
    said: { frames, copied: frames },
    ...createDeferred<void>(),
  }))
  let attempts = 0
  const { db, write, count } = await opened(join(folder(), 'a.db'), {
    ...idle,
    run: async () => {
      const pass = passes[attempts++]
      await pass?.promise
      return pass?.said ?? { frames: 6_000, copied: 6_000 }
    },
  })
  while (attempts === 0) await write(1)
  const before = (await count()) ?? 0
  await write(1, { wide: true })
  expect(await count(), 'the first pass keeps none waiting').toBe(before + 1)
  passes[0]?.resolve()
  await until(() => attempts === 2)
  const many: Write = {
    statement: { text: 'insert into notes values (null)', bind: () => [] },
    values: {},
  }
  const wide = [write(1, { wide: true }), db.atomic(Array(101).fill(many))]
  await write(1)
  await write(1)
  expect(await count()).toBe(before + 3)
  for (const { resolve } of passes) resolve()
  await Promise.all(wide)
  expect(await count()).toBe(before + 3 + 1 + 101)
  await db.close()
})

test('a database is closed while its wide batches wait for the log', async () => {
  const path = join(folder(), 'a.db')
  const second = createDeferred<void>()
  let attempts = 0
  const { db, write, count } = await opened(path, {
    ...idle,
    run: async () => {
      attempts++
      if (attempts === 2) await second.promise
      return { frames: 4_000, copied: 4_000 }
    },
  })
  while (attempts < 2) await write(1)
  const before = (await count()) ?? 0
  const writing = write(1, { wide: true })
  await new Promise((resolve) => setImmediate(resolve))
  const closing = db.close()
  second.resolve()
  await Promise.all([writing, closing])
  expect(await countIn(path)).toBe(before + 1)
})

test('a database is closed while its writes wait for the log', async () => {
  let attempts = 0
  const path = join(folder(), 'a.db')
  const last = createDeferred<void>()
  const { db, write, count } = await opened(path, {
    ...idle,
    run: async () => {
      attempts++
      if (attempts === 4) await last.promise
      return { frames: 4_000, copied: 3_990 }
    },
  })
  while (attempts === 0) await write(1)
  await until(() => attempts === 4)
  const before = (await count()) ?? 0
  const writing = write(1)
  const closing = db.close()
  last.resolve()
  await writing
  await closing
  expect(await countIn(path)).toBe(before + 1)
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
    ...idle,
    run: async () => {
      said.push('run')
      throw new Error('no thread')
    },
    end: async () => void said.push('end'),
  }
  const { db, write } = await opened(join(folder(), 'a.db'), checkpoints)
  for (let i = 0; i < 62; i++) await write(1)
  void write(1) // the 63rd, which closing runs ahead of its turn: the turn itself would be the 64th
  await db.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toEqual(['end'])
})

/** A thread whose attempts find a long log that another connection reads from. */
const hindered = (): Checkpoints & { attempts: number } => {
  const thread = {
    ...idle,
    attempts: 0,
    run: async () => {
      thread.attempts++
      return { frames: 20_000, copied: 0 }
    },
  }
  return thread
}

test('no commit brings the log in while the thread works, however long the log is', async () => {
  const path = join(folder(), 'a.db')
  const { db, write } = await opened(path, hindered())
  for (let i = 0; i < 90; i++) await write(1_000_000)
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(80_000_000)
  expect(statSync(path).size).toBeLessThan(1_000_000)
  await db.close()
})

test('what erases does not bring in itself what the thread could not, however long the log is', async () => {
  const path = join(folder(), 'a.db')
  const { db, write } = await opened(path, hindered())
  for (let i = 0; i < 30; i++) await write(1_000_000)
  await db.upkeep?.()
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(30_000_000)
  expect(statSync(path).size).toBeLessThan(1_000_000)
  await db.close()
})

test('the log is brought in while a large file is looked through', async () => {
  const asked: (number | 'run')[] = []
  const { db, write } = await opened(join(folder(), 'a.db'), {
    ...idle,
    run: async () => {
      asked.push('run')
      return { frames: 100, copied: 100 }
    },
    remains: async (from) => {
      asked.push(from)
      for (let i = 0; i < (from === 11 ? 10 : 64); i++) await write(1)
      return { pages: [], next: from < 31 ? from + 10 : undefined }
    },
  })
  await write(1)
  await db.upkeep?.()
  expect(asked).toEqual(['run', 1, 'run', 11, 21, 'run', 31, 'run'])
  await db.close()
})

test('where a part of the file cannot be looked through, it is done again', async () => {
  let [looks, isBroken] = [0, true]
  const { db, write } = await opened(join(folder(), 'a.db'), {
    ...idle,
    remains: async () => {
      looks++
      if (isBroken) throw new Error('the disk cannot be read')
      return { pages: [], next: undefined }
    },
  })
  await write(1)
  // It rests fifty times as long as it looked.
  const looksAgain = (times: number) =>
    until(async () => {
      await db.upkeep?.()
      return looks === times
    })
  await looksAgain(1)
  await looksAgain(2)
  isBroken = false
  await looksAgain(3)
  await db.upkeep?.()
  await write(1)
  await looksAgain(4)
  await db.close()
})

test('after an attempt that could not bring all in, eight commits come before the next one', async () => {
  const thread = hindered()
  const { db, write } = await opened(join(folder(), 'a.db'), thread)
  const attemptsAfter: number[] = []
  for (let i = 0; i < 64 + 24; i++) {
    await write(1)
    if (thread.attempts > attemptsAfter.length) attemptsAfter.push(i)
  }
  expect(attemptsAfter.map((after) => after - (attemptsAfter[0] ?? 0))).toEqual([0, 9, 18])
  await db.close()
})

test('long reads wait for the log where it is too long and is being written', () => {
  const mebibytes = (n: number) => n * 1_024 ** 2
  expect(isTooLong({ bytes: mebibytes(200), writtenAgo: 20 })).toBe(true)
  expect(isTooLong({ bytes: mebibytes(200), writtenAgo: 2_000 })).toBe(false)
  expect(isTooLong({ bytes: mebibytes(60), writtenAgo: 20 })).toBe(false)
  const path = join(folder(), 'a.db-wal')
  createLogWait(path)() // no log yet
  writeFileSync(path, '')
  truncateSync(path, mebibytes(200))
  utimesSync(path, 0, 0)
  createLogWait(path)()
  expect(statSync(path).size).toBe(mebibytes(200))
})

test('the file of a log that begins anew keeps its size until the thread cuts it off', async () => {
  const path = join(folder(), 'a.db')
  const { db, write, hasBegunAnew } = await opened(path, checkpointsOf(path))
  for (let i = 0; i < 30; i++) await write(1_000_000)
  while (!hasBegunAnew()) await write(1)
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(30_000_000)
  await db.upkeep?.()
  expect(statSync(`${path}-wal`).size).toBe(0)
  await write(1)
  await db.close()
})

test('the thread does not cut off a log from which another connection reads', async () => {
  const path = join(folder(), 'a.db')
  const checkpoints = checkpointsOf(path)
  const { db, write } = await opened(path, checkpoints)
  await write(1)
  const reader = openConnection(path)
  reader.exec('begin')
  reader.prepare('select count(*) from notes').get([])
  await write(1)
  expect(await checkpoints.empty()).toBe(false)
  reader.exec('commit')
  expect(await checkpoints.empty()).toBe(true)
  expect(statSync(`${path}-wal`).size).toBe(0)
  reader.close()
  await db.close()
})

test('without that thread SQLite does it by itself', async () => {
  const path = join(folder(), 'a.db')
  const broken: Checkpoints = { ...idle, run: () => Promise.reject(new Error('no thread')) }
  const { db, write, count } = await opened(path, broken)
  for (let i = 0; i < 70; i++) await write(1_000_000)
  expect(statSync(path).size).toBeGreaterThan(20_000_000)
  expect(await count()).toBe(70)
  await db.close()
})
