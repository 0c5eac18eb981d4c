// Lists that may read much run in a thread, take turns by user, and count by what they take. Times
// are told by the test, not measured.
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LongReads } from '../../../src/db/open/file/reading.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery, type Write } from '../../../src/db/statement.ts'
import { longReadsOf } from '../../../src/runtimes/node/long-reads/thread.ts'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import { temporaryFolder } from '../../support/process.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const NEVER = 2 ** 30
const seven = rawQuery<{ n: number }>('select 7 as n', ['n'])

/**
 * The real thread, which tells for whom it reads, says that each read took `ms`, and holds them
 * back while `held`.
 */
const watched = (path: string) => {
  const real = longReadsOf(path, NEVER)
  const seen: string[] = []
  let free = () => {}
  let held: Promise<void> | undefined
  const control = {
    ms: 0,
    seen,
    failure: undefined as Error | undefined,
    hold: () => {
      held = new Promise((resolve) => {
        free = () => {
          held = undefined
          resolve()
        }
      })
    },
    release: () => free(),
  }
  const longReads: LongReads = {
    all: async (text, values) => {
      seen.push(String(values[0]))
      await held
      if (control.failure) throw control.failure
      return { ...(await real.all(text, values)), ms: control.ms }
    },
    end: real.end,
  }
  return { longReads, control }
}

let world: World
let ann: User
let bob: User
let control: ReturnType<typeof watched>['control']

const sql = (text: string): Write => ({ statement: { text, bind: () => [] }, values: {} })
/** Says that a user has so many tasks. */
const owns = (user: User, count: number) =>
  world.deps.db.atomic([sql(`update users set task_count = ${count} where id = '${user.id}'`)])
const isLong = async (path: string): Promise<boolean> => {
  control.seen.length = 0
  expect((await ann.get(path)).status).toBe(200)
  return control.seen.length > 0
}

beforeEach(async () => {
  const path = join(temporaryFolder(), 'taskport.db')
  const made = watched(path)
  control = made.control
  const db = openFile(path, { longReads: made.longReads })
  await db.migrate(readMigrations('sqlite'))
  world = await createWorld({
    env: { RATE_LIMIT: 'on', RATE_LIMIT_PER_USER: '100' },
    open: async () => ({ db, close: db.close }),
  })
  ann = await world.register('Ann')
  bob = await world.register('Bob')
})

describe('of a user who owns much', () => {
  beforeEach(async () => {
    for (let i = 0; i < 3; i++)
      await ann.post('/api/v1/tasks', { title: `Task ${i}`, labels: ['home'] })
    await owns(ann, 100_000)
    onTestFinished(() => world.close())
  })

  test.each([
    'sort=title',
    'sort=-priority',
    'sort=position',
    'status=pending',
    'label=home',
    'q=task',
    'q=task&sort=due',
    'overdue=true',
    'limit=200',
    'priority=high&sort=-due',
    'parent_id=none',
    'due_before=2027-01-01',
    'updated_since=2020-01-01T00:00:00Z&sort=title',
  ])('a list with %s runs in the thread', async (query) => {
    expect(await isLong(`/api/v1/tasks?${query}`)).toBe(true)
  })

  test.each(['', 'sort=-created_at', 'sort=updated_at', 'sort=-due', 'deleted=true', 'limit=50'])(
    'a list with %j is read along an index, at once',
    async (query) => {
      expect(await isLong(`/api/v1/tasks?${query}`)).toBe(false)
    },
  )

  test('the thread answers what the same list answers where it is asked', async () => {
    const { body } = await ann.get('/api/v1/tasks?status=pending&sort=title')
    await owns(ann, 3)
    world.clock.advance(31_000)
    expect(await isLong('/api/v1/tasks?status=pending&sort=title')).toBe(false)
    expect((await ann.get('/api/v1/tasks?status=pending&sort=title')).body).toEqual(body)
    expect(body.items).toHaveLength(3)
  })

  test('a list that was short eight times runs where it is asked, until it takes long; searches never do', async () => {
    control.ms = 1
    // The first time all columns are read, and then the revisions, which prove themselves.
    expect(await isLong('/api/v1/tasks?status=pending')).toBe(true)
    for (let i = 0; i < 8; i++)
      expect(await isLong('/api/v1/tasks?status=pending'), `${i}`).toBe(true)
    expect(await isLong('/api/v1/tasks?status=pending')).toBe(false)
    expect(await isLong('/api/v1/tasks?status=completed')).toBe(true)
    for (let i = 0; i < 10; i++) expect(await isLong('/api/v1/tasks?q=task')).toBe(true)
    control.ms = 3
    for (let i = 0; i < 10; i++) expect(await isLong('/api/v1/tasks?sort=title')).toBe(true)
  })

  test('each ten milliseconds count as a request; the fields say so, and another user has all of theirs', async () => {
    const left = async (path: string) =>
      Number(/r=(\d+)/.exec((await ann.get(path)).headers.get('RateLimit') ?? '')?.[1])
    control.ms = 50
    const first = await left('/api/v1/tasks?sort=title')
    expect(await left('/api/v1/tasks?sort=-title')).toBe(first - 1 - 5)
    control.ms = 1_000
    expect(await left('/api/v1/tasks?sort=priority')).toBe(0)
    const refused = await ann.get('/api/v1/tasks')
    expect(refused.status).toBe(429)
    expect(refused.body.code).toBe('rate_limited')
    expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/)
    expect((await bob.get('/api/v1/tasks')).status).toBe(200)
    world.clock.advance(61_000)
    expect((await ann.get('/api/v1/tasks')).status).toBe(200)
  })

  test('a read that is given up counts for as long as it took', async () => {
    const left = async (path: string) =>
      Number(/r=(\d+)/.exec((await ann.get(path)).headers.get('RateLimit') ?? '')?.[1])
    const first = await left('/api/v1/tasks?sort=title')
    control.failure = Object.assign(new Error('too slow'), { code: 'DATABASE_TIMEOUT' })
    control.hold()
    const late = ann.get('/api/v1/tasks?sort=-title')
    await vi.waitUntil(() => control.seen.length === 2)
    const real = performance.now.bind(performance)
    const later = vi.spyOn(performance, 'now').mockImplementation(() => real() + 500)
    onTestFinished(() => later.mockRestore())
    control.release()
    const { status, headers } = await late
    expect(status).toBe(503)
    const after = Number(/r=(\d+)/.exec(headers.get('RateLimit') ?? '')?.[1])
    expect(after).toBeLessThanOrEqual(first - 1 - 50)
  })

  test('a search without an index looks at more tasks at a time where sorting is what takes long', async () => {
    const columns = await world.deps.db.all(
      rawQuery<{ name: string }>("select name from pragma_table_info('tasks')", ['name']),
    )
    const copied = columns.map(({ name }) =>
      name === 'id' ? "printf('01900000-0000-7000-8000-%012x', i)" : `task.${name}`,
    )
    await world.deps.db.atomic([
      sql(`insert into tasks (${columns.map(({ name }) => name).join()}) with recursive n (i) as (select 1 union all select i + 1 from n where i < 9000)
        select ${copied.join()} from n, (select * from tasks limit 1) as task`),
    ])
    control.ms = 90
    const { body } = await ann.get('/api/v1/tasks?q=absent&sort=title')
    expect(body).toMatchObject({ items: [], next_cursor: null })
  })

  test('one runs at a time, 32 wait, more are refused; another user who comes last is next', async () => {
    await owns(bob, 100_000)
    await bob.get('/api/v1/tasks?sort=title')
    control.seen.length = 0
    control.ms = 1
    control.hold()
    const asked = Array.from({ length: 36 }, (_, i) =>
      ann.get(`/api/v1/tasks?sort=title&limit=${i + 1}`),
    )
    const refused = await Promise.all(asked.slice(33))
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array(3).fill([429, 'rate_limited']),
    )
    expect(refused[0]?.headers.get('Retry-After')).toBe('1')
    const other = bob.get('/api/v1/tasks?sort=title')
    while (world.deps.longReadQueue?.count().waiting !== 33)
      await new Promise((resolve) => setImmediate(resolve))
    control.release()
    expect((await other).status).toBe(200)
    expect((await Promise.all(asked.slice(0, 33))).map(({ status }) => status)).toEqual(
      Array(33).fill(200),
    )
    expect(control.seen.map((reader) => (reader === bob.id ? 'Bob' : 'Ann')).slice(0, 3)).toEqual([
      'Ann',
      'Bob',
      'Ann',
    ])
  })
})

test('of a user who owns little, only large pages run in the thread', async () => {
  onTestFinished(() => world.close())
  await owns(ann, 1_000)
  expect(await isLong('/api/v1/tasks?status=pending&sort=title')).toBe(false)
  expect(await isLong('/api/v1/tasks?q=task')).toBe(false)
  expect(await isLong('/api/v1/tasks?limit=50')).toBe(false)
  expect(await isLong('/api/v1/tasks?limit=51')).toBe(true)
  expect(await isLong('/api/v1/tasks?q=task&limit=51')).toBe(true)
})

describe('the thread', () => {
  const opened = async (deadlineMs: number) => {
    const path = join(temporaryFolder(), 'a.db')
    const db = openFile(path)
    await db.migrate([{ tag: '0000_test', statements: ['create table notes (text text)'] }])
    onTestFinished(() => db.close())
    return { db, reads: longReadsOf(path, deadlineMs) }
  }
  const endless =
    'with recursive n (i) as (select 1 union all select i + 1 from n where i < 300000000) select count(*) from n'

  test('sees what was committed before it is asked, and says what is wrong with a statement', async () => {
    const { db, reads } = await opened(NEVER)
    for (let i = 1; i <= 3; i++) {
      await db.atomic([sql("insert into notes values ('a note')")])
      expect((await reads.all('select count(*) from notes', [])).listed).toBe(`[[${i}]]`)
    }
    await expect(reads.all('select n from nowhere', [])).rejects.toThrow(/no such table: nowhere/)
    await expect(
      reads.all("with a as (select 1) insert into notes values ('x')", []),
    ).rejects.toThrow()
    expect((await reads.all('select count(*) from notes', [])).listed).toBe('[[3]]')
    await reads.end()
  })

  test('gives up a read that takes too long, holds up nothing meanwhile, and takes the next one', async () => {
    const { db, reads } = await opened(1_000)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const late = expect(reads.all(endless, [])).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' })
    expect(await db.one(seven)).toEqual({ n: 7 })
    vi.advanceTimersByTime(1_000)
    await late
    expect((await reads.all('select 7', [])).listed).toBe('[[7]]')
    await reads.end()
  })

  test('closed while a read runs, refuses it and does not wait for it', async () => {
    const { reads } = await opened(NEVER)
    const refused = expect(reads.all(endless, [])).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
    await reads.end()
    await refused
  })
})
