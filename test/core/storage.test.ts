// A database that fills: what is refused, what goes on, and who is told. The disk here says what
// the test wants; test/soak/full-disk.test.ts has a real one.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/core/log.ts'
import { tellStorage } from '../../src/core/storage.ts'
import type { Database } from '../../src/db/database.ts'
import { openFile, openFileToRead } from '../../src/db/open/file.ts'
import { watched } from '../../src/db/open/watched.ts'
import { isStorageFull } from '../../src/db/portable.ts'
import { rawQuery, type Write } from '../../src/db/statement.ts'
import { createStorage, type StorageState } from '../../src/db/storage.ts'
import { isUnavailable } from '../../src/db/unavailable.ts'
import type { PrimaryMethods } from '../../src/runtimes/node/cluster/protocol.ts'
import type { Methods } from '../../src/runtimes/node/cluster/rpc.ts'
import { receiveBatches, sendBatches } from '../../src/runtimes/node/cluster/write-forwarding.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { peers } from '../support/peers.ts'
import { temporaryFolder } from '../support/process.ts'
import { createWorld, testClock, type User, type World } from '../support/world.ts'

const MIB = 2 ** 20
const RESERVE = 64 * MIB

describe('a service on a disk that fills', () => {
  const disk = { free: 1_000 * MIB, fileSize: 0 }
  const lines: { level: string; message: string }[] = []
  let world: World
  let ann: User
  beforeAll(async () => {
    const log = createLog('info', (line) => lines.push(JSON.parse(line)), testClock())
    world = await createWorld({
      env: { METRICS_TOKEN: 'm'.repeat(16) },
      open: async () => {
        const storage = {
          disk: () => disk,
          bounds: { reserve: RESERVE, limit: undefined },
          tell: tellStorage(log, 'make room'),
        }
        const folder = await mkdtemp(join(tmpdir(), 'taskport-'))
        const db = openFile(join(folder, 'taskport.db'), { storage })
        await db.migrate(readMigrations('sqlite'))
        return { db, close: () => db.close().then(() => rm(folder, { recursive: true })) }
      },
    })
  })
  afterAll(() => world.close())
  let people = 0
  beforeEach(async () => {
    disk.free = 1_000 * MIB
    await world.deps.db.storage?.()
    ann = await world.register(`ann-${people++}`)
  })
  /**
   * Less than what the log needs; measured at once, as it is not where there was much room a moment
   * ago.
   */
  const fill = async () => {
    disk.free = RESERVE / 2
    await world.deps.db.storage?.()
  }
  /** What was there before the disk became full. */
  const prepare = async () => {
    const { body: task } = await ann.post('/api/v1/tasks', {
      title: 'There',
      description: 'd'.repeat(5_000),
      labels: ['known'],
    })
    const { body: project } = await ann.post('/api/v1/projects', { name: 'There' })
    const { body: daily } = await ann.post('/api/v1/tasks', {
      title: 'Daily',
      due: { date: '2026-01-01' },
      recurrence: { rule: 'FREQ=DAILY' },
    })
    await fill()
    return { task, project, daily }
  }

  test('everything new is refused with 507, and nothing of it is written', async () => {
    const { body: short } = await ann.post('/api/v1/tasks', { title: 'Short' })
    const { task } = await prepare()
    const refused = [
      await ann.post('/api/v1/tasks', { title: 'New' }),
      await ann.post('/api/v1/projects', { name: 'New' }),
      await ann.post('/api/v1/labels', { name: 'new' }),
      await ann.post('/api/v1/api-keys', { name: 'New', scopes: ['tasks:read'] }),
      await ann.patch(`/api/v1/tasks/${task.id}`, { labels: ['known', 'new'] }),
      await world.anonymous.post('/api/v1/auth/register', {
        email: 'bob@example.org',
        password: 'a heron on the pier',
      }),
      // The answer would be kept.
      await ann.post(`/api/v1/tasks/${task.id}/complete`, undefined, { 'Idempotency-Key': 'long' }),
      await ann.post(`/api/v1/tasks/${short.id}/complete`, undefined, {
        'Idempotency-Key': 'short',
      }),
      await ann.post(`/api/${ann.id}/tasks`, { title: 'New' }),
    ]
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [507, 'storage_full']),
    )
    expect(refused[0]?.headers.get('Retry-After')).toBeNull()
    disk.free = 1_000 * MIB
    expect((await ann.get(`/api/v1/tasks/${task.id}`)).body).toEqual(task)
    expect((await ann.get('/api/v1/tasks?limit=200')).body.items).toHaveLength(3)
    expect((await ann.get(`/api/v1/tasks/${short.id}`)).body).toEqual(short)
    expect(
      (await ann.get('/api/v1/labels')).body.items.map(({ name }: { name: string }) => name),
    ).toEqual(['known'])
    expect(
      (
        await world.anonymous.post('/api/v1/auth/login', {
          email: 'bob@example.org',
          password: 'a heron on the pier',
        })
      ).status,
    ).toBe(401)
  })

  test('reading, completing, deleting, restoring, signing in and out, refreshing and deleting the account go on', async () => {
    const carl = await world.register('carl')
    const { task, project, daily } = await prepare()
    const { email, password } = carl
    const went = [
      await ann.get('/api/v1/tasks'),
      await ann.post(`/api/v1/tasks/${task.id}/complete`),
      await ann.post(`/api/v1/tasks/${task.id}/reopen`),
      await ann.post(`/api/v1/tasks/${daily.id}/complete`),
      await ann.post(`/api/v1/tasks/${daily.id}/skip`),
      await ann.post(`/api/v1/tasks/${daily.id}/reopen`),
      await ann.patch(`/api/v1/tasks/${task.id}`, { description: '' }),
      await ann.delete(`/api/v1/tasks/${task.id}`),
      await ann.post(`/api/v1/tasks/${task.id}/restore`),
      await ann.delete(`/api/v1/projects/${project.id}`),
      await world.anonymous.post('/api/v1/auth/login', { email, password }),
      await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: carl.refreshToken }),
      await ann.post('/api/v1/auth/logout'),
      await carl.send('DELETE', '/api/v1/me', { password }),
    ]
    expect(went.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 204, 200, 204, 200, 200, 204, 204,
    ])
  })

  test('/ready stays 200 and says so, like /status, the metrics, and the log once when it begins and once when it is over', async () => {
    lines.length = 0
    await prepare()
    for (let i = 0; i < 3; i++)
      expect((await ann.post('/api/v1/tasks', { title: 'New' })).status).toBe(507)
    expect(await world.anonymous.get('/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', storage: 'full' },
    })
    expect((await world.anonymous.get('/status')).body.storage).toMatchObject({
      state: 'full',
      free_bytes: expect.any(Number),
      reserve_bytes: RESERVE,
      limit_bytes: null,
    })
    const metrics = await world.anonymous.get('/metrics', {
      Authorization: `Bearer ${'m'.repeat(16)}`,
    })
    expect(metrics.text).toMatch(/^taskport_storage_full 1$/m)
    expect(metrics.text).toMatch(/^taskport_storage_free_bytes \d+$/m)
    expect(metrics.text).toMatch(/^taskport_storage_reserve_bytes 67108864$/m)
    disk.free = 1_000 * MIB
    expect((await world.anonymous.get('/ready')).body).toEqual({ status: 'ready' })
    expect((await ann.post('/api/v1/tasks', { title: 'New' })).status).toBe(201)
    expect(lines.filter(({ message }) => message.includes('storage'))).toEqual([
      expect.objectContaining({
        level: 'error',
        message: expect.stringContaining('is full'),
        reserve_mib: 64,
        remedy: 'make room',
      }),
      expect.objectContaining({
        level: 'info',
        message: 'the storage has room again',
        free_mib: expect.any(Number),
      }),
    ])
  })
})

/** A file whose writes are texts of SQL. */
const notes = async (options: Parameters<typeof openFile>[1] = {}) => {
  const path = join(temporaryFolder(), 'x.db')
  const db = openFile(path, options)
  onTestFinished(() => db.close())
  await db.migrate([
    { tag: '0', statements: ['create table notes (id integer primary key, text text)'] },
  ])
  const insert = (bytes: number): Write => ({
    statement: { text: `insert into notes (text) values (zeroblob(${bytes}))`, bind: () => [] },
    values: {},
  })
  const count = async () =>
    (await db.one(rawQuery<{ n: number }>('select count(*) as n from notes', ['n'])))?.n
  /** From here on SQLite itself finds the database full. */
  const stopAt = async (pages: number) =>
    void (await db.all(rawQuery(`pragma max_page_count = ${pages}`, ['n'])))
  return { path, db, insert, count, stopAt }
}
/** What became of it: its outcome, or its failure. */
const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => error)

describe('a database file that is full', () => {
  test('of what arrives together only what needs the space is refused; nothing of it is half written', async () => {
    const { db, insert, count, stopAt } = await notes()
    await db.atomic([insert(10)])
    await stopAt(8)
    const large = [insert(10), insert(100_000)]
    const outcomes = await Promise.all([
      outcomeOf(db.atomic(large)),
      db.atomic([insert(10)]),
      outcomeOf(db.atomic(large)),
      db.atomic([insert(10)]),
    ])
    expect(outcomes.map((outcome) => isStorageFull(outcome) || outcome)).toEqual([
      true,
      [1],
      true,
      [1],
    ])
    expect(await count()).toBe(3)
    await stopAt(1_000)
    expect(await db.atomic(large)).toEqual([1, 1])
    expect(await count()).toBe(5)
  })

  test('it says so from then on, until something new is stored again', async () => {
    const told: boolean[] = []
    const disk = () => ({ free: 1_000 * MIB, fileSize: 0 })
    const storage = {
      disk,
      bounds: { reserve: 0, limit: undefined },
      tell: ({ full }: StorageState) => void told.push(full),
    }
    const { db, insert, stopAt } = await notes({ storage })
    await stopAt(8)
    for (let i = 0; i < 3; i++)
      expect(isStorageFull(await outcomeOf(db.atomic([insert(100_000)], { grows: true })))).toBe(
        true,
      )
    expect((await db.storage?.())?.full).toBe(true)
    await stopAt(1_000)
    await db.atomic([insert(100_000)], { grows: true })
    expect((await db.storage?.())?.full).toBe(false)
    expect(told).toEqual([true, false])
  })

  test('a limit bounds what it holds, and pages that hold nothing are used again', async () => {
    const disk = () => ({ free: 1_000 * MIB, fileSize: 0 })
    const { db, insert, count } = await notes({
      storage: { disk, bounds: { reserve: 0, limit: MIB }, tell: () => {} },
    })
    const grow = () => outcomeOf(db.atomic([insert(100_000)], { grows: true }))
    let last: unknown
    while (!isStorageFull(last)) last = await grow()
    expect(await count()).toBeGreaterThanOrEqual(8)
    expect(await count()).toBeLessThanOrEqual(11)
    const remove = {
      statement: { text: 'delete from notes where id <= 4', bind: () => [] },
      values: {},
    } as Write
    expect(await db.atomic([remove])).toEqual([4])
    expect((await db.storage?.())?.room?.unused).toBeGreaterThan(300_000)
    expect(await grow()).toEqual([1])
  })

  test('a worker is refused as the process is that writes', async () => {
    const disk = { free: 0, fileSize: 0 }
    const { path, db, insert } = await notes({
      storage: { disk: () => disk, bounds: { reserve: MIB, limit: undefined }, tell: () => {} },
    })
    const duties = {
      atomic: receiveBatches(db),
      storage: async () => (await db.storage?.()) as StorageState,
    }
    const { first } = peers<PrimaryMethods, Methods>(duties, {})
    const worker = openFileToRead(path, {
      atomic: sendBatches(first),
      storage: () => first.call('storage'),
    })
    onTestFinished(() => worker.close())
    expect(isStorageFull(await outcomeOf(worker.atomic([insert(10)], { grows: true })))).toBe(true)
    expect(await worker.atomic([insert(10)])).toEqual([1])
    expect((await worker.storage?.())?.full).toBe(true)
    disk.free = 100 * MIB
    expect(await worker.atomic([insert(10)], { grows: true })).toEqual([1])
  })
})

test('a server is full from when it says so until something new is stored', async () => {
  const told: boolean[] = []
  let answer = async (): Promise<readonly number[]> => [1]
  const db = watched(
    { atomic: () => answer() } as unknown as Database,
    ({ full }) => void told.push(full),
  )
  await db.atomic([], { grows: true })
  answer = () =>
    Promise.reject(Object.assign(new Error('could not extend file'), { code: '53100' }))
  for (let i = 0; i < 3; i++)
    expect(isStorageFull(await outcomeOf(db.atomic([], { grows: true })))).toBe(true)
  answer = async () => [1]
  await db.atomic([])
  expect(await db.storage?.()).toEqual({ full: true, room: undefined })
  await db.atomic([], { grows: true })
  expect(told).toEqual([true, false])
})

test('the log is not told again and again where little comes and goes', () => {
  const told: boolean[] = []
  let free = 0
  const measure = () => ({ used: 0, free, unused: 0, reserve: 64, limit: undefined })
  const storage = createStorage({ measure, tell: ({ full }) => void told.push(full) })
  for (free of [100, 64, 65, 64, 79, 60])
    expect([free, storage.mayGrow()]).toEqual([free, free > 64])
  expect(told).toEqual([true])
  free = 80
  storage.state()
  expect(told).toEqual([true, false])
})

describe('what databases say when they are full', () => {
  const said: [string, { code?: string; message?: string }][] = [
    ['SQLite', { code: 'SQLITE_FULL', message: 'database or disk is full' }],
    [
      'SQLite, where it shares memory in a file',
      { code: 'SQLITE_IOERR_SHMSIZE', message: 'disk I/O error' },
    ],
    ['a libSQL server', { code: 'SQLITE_FULL', message: 'SQLITE_FULL: database or disk is full' }],
    ['D1, of the database', { message: 'D1_ERROR: Exceeded maximum DB size' }],
    [
      'D1, of the account',
      { message: 'D1_ERROR: Your account has exceeded D1’s maximum account storage limit' },
    ],
    [
      'Postgres',
      { code: '53100', message: 'could not extend file "base/5/1234": No space left on device' },
    ],
    [
      'MySQL, of the disk',
      {
        code: 'ER_DISK_FULL',
        message: 'Disk full (/tmp/#sql); waiting for someone to free some space',
      },
    ],
    ['MariaDB, of a table', { code: 'ER_RECORD_FILE_FULL', message: "The table 'tasks' is full" }],
    [
      'MariaDB, of a file',
      { code: 'EE_WRITE', message: 'Error writing file (Errcode: 28 "No space left on device")' },
    ],
    [
      'MariaDB, of an engine',
      {
        code: 'ER_GET_ERRNO',
        message: 'Got error 28 "No space left on device" from storage engine InnoDB',
      },
    ],
    ['the system', { code: 'ENOSPC', message: 'no space left on device, write' }],
  ]
  test.each(said)('%s', (_, what) => {
    const error = new Error('Failed query', {
      cause: Object.assign(new Error(what.message), what.code && { code: what.code }),
    })
    expect([isStorageFull(error), isUnavailable(error)]).toEqual([true, false])
  })
  test('but not another want of resources', () => {
    const error = Object.assign(new Error('sorry, too many clients already'), { code: '53300' })
    expect([isStorageFull(error), isUnavailable(error)]).toEqual([false, true])
  })
})

test('a disk that cannot be measured any more: what was measured last holds, and nothing throws', () => {
  const told: boolean[] = []
  let answer: () =>
    | { used: number; free: number; unused: number; reserve: number; limit: undefined }
    | undefined = () => ({
    ...{ used: 0, free: RESERVE / 2, unused: 0 },
    ...{ reserve: RESERVE, limit: undefined },
  })
  const storage = createStorage({
    measure: () => answer(),
    tell: ({ full }) => void told.push(full),
  })
  expect(storage.mayGrow()).toBe(false)
  answer = () => {
    throw Object.assign(new Error('i/o error'), { code: 'EIO' })
  }
  expect([storage.mayGrow(), storage.state().full]).toEqual([false, true])
  answer = () => undefined // the database is closed
  expect([storage.mayGrow(), storage.state().full]).toEqual([false, true])
  expect(told).toEqual([true])
})
