// Databases of the family, brought here: their users find their tasks, as their clients read them.
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { resetPassword } from '../../../src/features/account/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type World } from '../../support/world.ts'
import { onFile, prisma, sqlAlchemy, sqlModel, todos } from './fixtures.ts'
import { importInto } from './importing.ts'

const SECRET = 'a secret of at least thirty-two characters'
const { postgres, mysql } = inject('servers')

let world: World
afterEach(() => world.close())
const start = async (env: Record<string, string> = {}) => {
  world = await createWorld({ env })
}

/** Gives an imported account its first password, as the operator does, and signs in with it. */
const signIn = async (email: string) => {
  const password = 'a heron on the pier'
  const ctx = { ...world.deps, quotas: world.deps.config.quotas }
  await resetPassword(ctx, world.deps.credentials.passwords, { email, password })
  const { body } = await world.anonymous.post('/api/auth/login', { email, password })
  return world.client(body.access_token)
}
const tasksOf = async (email: string) => (await (await signIn(email)).get('/api/tasks')).body

const everyone = { usersMade: 2, usersFound: 0, byAddress: 0, present: 0 }

describe('users by their e-mail addresses', () => {
  beforeEach(() => start())

  test('SQLAlchemy on SQLite', async () => {
    const { counts, lines } = await importInto(world, (await sqlAlchemy()).url)
    expect(counts).toEqual({ ...everyone, read: 3, imported: 3, refused: 0, changed: 0 })
    expect(lines).toEqual([])
    expect(await tasksOf('ada@example.org')).toMatchObject([
      {
        title: 'Bread',
        description: null,
        completed: true,
        status: 'completed',
        tags: ['home', 'shop'],
        completed_at: '2026-02-02T10:00:00.000Z',
      },
      {
        title: 'Milk',
        description: '2 %',
        is_completed: false,
        priority: 'high',
        due_date: '2026-12-01',
        tags: ['home', 'shop'],
        category: 'chores',
        reminder_time: '2026-12-01T08:00:00.000000',
        created_at: '2026-01-01T10:00:00.123Z',
        updated_at: '2026-02-01T10:00:00.000Z',
        completed_at: null,
      },
    ])
    const bob = await signIn('bob@example.org')
    expect((await bob.get('/api/v1/tasks')).body.items).toMatchObject([
      { title: 'Nails', extra: { legacy_id: '3' }, updated_at: '2026-01-03T10:00:00.000Z' },
    ])
    expect((await bob.get('/api/v1/me')).body).toMatchObject({ name: 'bob' })
  })

  test.skipIf(mysql === undefined)('MySQL with todos', async () => {
    const { counts, lines } = await importInto(world, (await todos()).url)
    expect(counts).toEqual({ ...everyone, read: 3, imported: 3, refused: 0, changed: 0 })
    expect(lines).toEqual([])
    expect(await tasksOf('ada@example.org')).toMatchObject([
      { title: 'Bread 🥖', completed: true, is_recurring: false, tags: [] },
      {
        title: 'Milk',
        completed: false,
        priority: 'high',
        due_date: '2026-12-01T09:00:00',
        tags: ['home', 'shop'],
        is_recurring: true,
        created_at: '2026-01-01T10:00:00.123Z',
      },
    ])
  })

  test.skipIf(postgres === undefined)('Prisma on Postgres', async () => {
    const { counts, lines } = await importInto(world, (await prisma()).url)
    expect(counts).toEqual({ ...everyone, read: 4, imported: 3, refused: 1, changed: 0 })
    expect(lines).toEqual([
      'Task 0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e03 is not imported: it is deleted there (deletedAt)',
    ])
    expect(await tasksOf('ada@example.org')).toMatchObject([
      { title: 'Bread', status: 'DONE', completed: true, priority: 'none' },
      {
        title: 'Milk',
        status: 'IN_PROGRESS',
        priority: 3,
        dueDate: '2026-12-01T09:00:00',
        tags: ['home', 'shop'],
        reminder_at: '2026-12-01T08:00:00',
      },
    ])
  })
})

describe.skipIf(postgres === undefined)('users by their tokens', () => {
  beforeEach(() => start({ BETTER_AUTH_SECRET: SECRET }))
  const tokenOf = (sub: string) =>
    new SignJWT({ sub })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .setIssuedAt()
      .sign(new TextEncoder().encode(SECRET))

  test('SQLModel with the users of Better Auth', async () => {
    world.clock.advance(Date.now() - world.clock.now())
    const { url } = await sqlModel()
    const { counts, lines } = await importInto(world, url)
    expect(counts).toEqual({ ...everyone, read: 3, imported: 3, refused: 0, changed: 1 })
    expect(lines).toEqual([
      expect.stringMatching(/^tasks 3: due_date: .* Kept in extra as it is\.$/),
    ])
    const ada = world.client(await tokenOf('dJ2qPz1Vw0'))
    expect((await ada.get('/api/dJ2qPz1Vw0/tasks')).body).toMatchObject([
      { title: 'Bread', completed: true, completed_at: '2026-02-01T08:00:00.000Z' },
      {
        title: 'Milk',
        user_id: 'dJ2qPz1Vw0',
        priority: 'HIGH',
        due_date: '2026-12-01T03:30:00Z',
        tags: ['a"b', 'corner, shop', 'home'],
        category: 'chores',
        recurrence_pattern: { every: 'week' },
        is_recurring: true,
        created_at: '2026-01-01T10:00:00.123Z',
      },
    ])
    const bob = world.client(await tokenOf('k9XbN4'))
    expect((await bob.get('/api/v1/tasks')).body.items).toMatchObject([
      { title: 'Nails', due: null, extra: { due_date: 'infinity' } },
    ])
    // The address opens and occupies nothing: another issuer speaks for these users.
    const email = 'ada@example.org'
    const stranger = await world.anonymous.post('/api/v1/auth/register', {
      email,
      password: 'two herons on the pier',
    })
    expect(stranger.status).toBe(201)
    const tasks = await world.client(stranger.body.access_token).get('/api/v1/tasks')
    expect(tasks.body.items).toEqual([])
    expect((await importInto(world, url)).counts).toMatchObject({ imported: 0, present: 3 })
  })
})

const RANGE = (rows: number) =>
  `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})`

describe('quotas', () => {
  const file = (rows: number) =>
    onFile([
      'create table users (id integer primary key, email text)',
      'create table tasks (id integer primary key, user_id integer, title text, tags text)',
      "insert into users values (1, 'ada@example.org'), (2, 'bob@example.org')",
      `${RANGE(rows)} insert into tasks select i, 1 + (i > ${rows} - 2), 'task ' || i, 'tag ' || i from n`,
    ])

  test('of tasks are kept, also in a dry run, and the rest comes when there is room', async () => {
    await start()
    const { url } = await file(12)
    const few = { quotas: { tasks: 7 } }
    const asked = await importInto(world, url, { ...few, dry: true })
    expect(asked.counts).toMatchObject({ imported: 9, refused: 3, usersMade: 2 })
    expect(asked.lines).toEqual(
      [8, 9, 10].map(
        (id) => `tasks ${id} is not imported: its user has 7 tasks, the most of QUOTA_TASKS`,
      ),
    )
    expect(await importInto(world, url, few)).toEqual(asked)
    expect((await importInto(world, url, few)).counts).toMatchObject({ imported: 0, present: 9 })
    expect((await importInto(world, url)).counts).toMatchObject({ imported: 3, present: 9 })
  })

  test('of others refuse what one batch would write, and the other users get theirs', async () => {
    await start()
    const { url } = await file(12)
    const { counts, lines } = await importInto(world, url, { quotas: { labels: 5 } })
    expect(counts).toMatchObject({ imported: 2, refused: 10 })
    expect(lines[0]).toMatch(
      /^tasks 1 is not imported: a quota of its user is used up\. You may own 5 labels/,
    )
  })
})

test('two imports at once make everything once', async () => {
  await start()
  const { url } = await sqlAlchemy()
  const both = await Promise.all([importInto(world, url), importInto(world, url)])
  expect(both.map(({ counts }) => counts.imported + counts.present)).toEqual([3, 3])
  expect(both.reduce((sum, { counts }) => sum + counts.imported, 0)).toBe(3)
  expect(await tasksOf('ada@example.org')).toHaveLength(2)
})

describeEachDatabase('a second import', (open) => {
  /** More than a page, and more than a batch of each user. */
  const ROWS = 520
  const many = () =>
    onFile([
      'create table users (id integer primary key, email text)',
      'create table tasks (id integer primary key, user_id integer, title text, tags text, created_at datetime)',
      "insert into users values (1, 'ada@example.org'), (2, 'bob@example.org')",
      // All of one moment, as one insert writes them.
      `${RANGE(ROWS)} insert into tasks select i, 1 + i % 2, 'task ' || i, case i % 3 when 0 then 'a,b' end, '2026-01-01 10:00:00' from n`,
    ])

  test('changes nothing, and a dry run says the same', async () => {
    world = await createWorld({ open })
    const { url } = await many()
    const asked = await importInto(world, url, { dry: true })
    expect(asked.counts).toMatchObject({ read: ROWS, imported: ROWS, usersMade: 2 })
    const done = await importInto(world, url)
    expect(done).toEqual(asked)
    const ada = await signIn('ada@example.org')
    const state = async () => [
      (await ada.get('/api/tasks?order=asc')).text,
      (await ada.get('/api/v1/labels')).text,
      (await ada.get('/api/v1/me')).text,
    ]
    const before = await state()
    const tasks = JSON.parse(before[0] ?? '') as { id: string; title: string }[]
    // Of one moment, they have the order of their numbers.
    expect(tasks.map(({ title }) => title)).toEqual(
      Array.from({ length: ROWS / 2 }, (_, i) => `task ${2 * i + 2}`),
    )
    const placed = (await ada.get('/api/v1/tasks?limit=200&sort=position')).body.items
    expect(new Set(placed.map((task: { position: string }) => task.position)).size).toBe(200)
    for (const dry of [true, false]) {
      const again = await importInto(world, url, { dry, intoExisting: true })
      expect(again.counts).toMatchObject({
        imported: 0,
        present: ROWS,
        usersFound: 2,
        usersMade: 0,
      })
      expect(await state()).toEqual(before)
    }
    // What is deleted or changed here stays so.
    const [first, second] = tasks.map(({ id }) => `/api/v1/tasks/${id}`)
    expect((await ada.delete(first as string)).status).toBe(204)
    expect((await ada.patch(second as string, { title: 'mine' })).status).toBe(200)
    const after = await state()
    expect((await importInto(world, url, { intoExisting: true })).counts).toMatchObject({
      imported: 0,
      present: ROWS,
    })
    expect(await state()).toEqual(after)
  })
})
