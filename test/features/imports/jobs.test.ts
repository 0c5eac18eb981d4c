// How imports are done: step by step, by any process, once each.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onBehalfOf } from '../../../src/core/context.ts'
import { resumeImports, runImport } from '../../../src/features/imports/index.ts'
import { describeEachDatabase, openDefault } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { codesOf, ended, imported, sample, send, tasksOf } from './harness.ts'

let world: World
let ann: User
const begin = async (env: Record<string, string> = {}, open = openDefault): Promise<void> => {
  world = await createWorld({ env, open })
  ann = await world.register('Ann')
}
beforeEach(() => begin())
afterEach(() => world.close())

/** Lines of todo.txt. */
const lines = (count: number): string =>
  Array.from({ length: count }, (_, i) => `2026-11-01 Task ${i} @label${i % 7}`).join('\n')

test('a dry run says what would be made, and makes nothing', async () => {
  const before = (await ann.get('/api/v1/me')).body.quotas
  const dry = await imported(world, ann, lines(120), { query: { dry_run: 'true' } })
  expect(dry).toMatchObject({ status: 'done', dry_run: true })
  expect(dry.counts).toMatchObject({ rows: 120, created: 120, labels: 7 })
  expect((await ann.get('/api/v1/me')).body.quotas).toEqual(before)
  expect(await tasksOf(ann)).toEqual([])
  const real = await imported(world, ann, lines(120))
  expect(real.counts).toMatchObject({ created: 120, labels: 7 })
})

test('a dry run counts what it would make once, and knows the places of the file', async () => {
  const ofTodoist = { name: 'Moving.csv' }
  const dry = await imported(world, ann, sample('todoist.csv'), {
    ...ofTodoist,
    query: { dry_run: 'true' },
  })
  const real = await imported(world, ann, sample('todoist.csv'), ofTodoist)
  expect(dry.counts).toEqual(real.counts)
  expect(dry.report).toEqual(real.report)
  const bob = await world.register('Bob')
  const own = sample('taskport-1.json')
  const ownDry = await imported(world, bob, own, { query: { dry_run: 'true' } })
  const ownReal = await imported(world, bob, own)
  expect([ownDry.counts, ownDry.report]).toEqual([ownReal.counts, ownReal.report])
})

test('a dry run does not try what belongs to tasks', async () => {
  const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`
  const status = 'pending'
  const file = JSON.stringify([
    { uuid: uuid(1), description: 'a', status, depends: [uuid(2)], annotations: [] },
    { uuid: uuid(2), description: 'b', status, depends: [uuid(1), uuid(9)] },
    { uuid: uuid(3), description: 'c', status, recur: 'often' },
  ])
  const dry = await imported(world, ann, file, { query: { dry_run: 'true' } })
  const real = await imported(world, ann, file)
  expect(dry.counts).toEqual({ ...real.counts, notes: dry.report.length })
  expect(codesOf(dry)).toEqual(['recurrence recur'])
  expect(codesOf(real).toSorted()).toEqual([
    'cycle blocked_by',
    'no_task blocked_by',
    'recurrence recur',
  ])
})

test('a user has one import at a time, which can be cancelled', async () => {
  const first = await send(world, ann, lines(1200))
  const second = await send(world, ann, lines(1))
  expect([first.status, second.status, second.body.code]).toEqual([202, 409, 'import_running'])
  const { status } = await ann.post(`/api/v1/imports/${first.body.id}/cancel`)
  expect(status).toBe(200)
  expect(await ended(ann, first.body.id)).toMatchObject({ status: 'cancelled' })
  const made = (await tasksOf(ann)).length
  expect(made).toBeLessThan(1200)
  const third = await imported(world, ann, lines(1200))
  expect(third.counts).toMatchObject({ created: 1200 - made, unchanged: made })
  const cancelled = await ann.post(`/api/v1/imports/${third.id}/cancel`)
  expect(cancelled.body.status).toBe('done')
})

test('quotas hold: what there is no room for is in the report', async () => {
  await world.close()
  await begin({ QUOTA_TASKS: '10', QUOTA_LABELS: '2', QUOTA_PROJECTS: '2' })
  const file = Array.from({ length: 14 }, (_, i) => `Task ${i} +P${i} @l${i}`).join('\n')
  const done = await imported(world, ann, file)
  expect(done).toMatchObject({ status: 'done' })
  expect(done.counts).toMatchObject({ created: 10, refused: 4, labels: 2, projects: 1 })
  expect(codesOf(done).filter((code) => code === 'quota')).toHaveLength(4)
  expect((await tasksOf(ann)).length).toBe(10)
})

test('where the texts are too much for the quota, those that fit are made', async () => {
  await world.close()
  await begin({ QUOTA_BYTES: '20000' })
  const file = Array.from({ length: 40 }, (_, i) => `(A) ${i} ${'long '.repeat(90)}`).join('\n')
  const done = await imported(world, ann, file)
  const { created = 0, refused = 0 } = done.counts
  expect([done.status, created + refused]).toEqual(['done', 40])
  expect(created).toBeGreaterThan(10)
  expect((await ann.get('/api/v1/me')).body.quotas.bytes.used).toBeLessThanOrEqual(20_000)
})

test('the last twenty are listed, page by page, for their user alone', async () => {
  for (let i = 0; i < 22; i++) await imported(world, ann, `(A) Task ${i}`)
  const first = (await ann.get('/api/v1/imports?limit=15')).body
  const rest = (await ann.get(`/api/v1/imports?limit=15&cursor=${first.next_cursor}`)).body
  expect([first.items.length, rest.items.length, rest.next_cursor]).toEqual([15, 5, null])
  const bob = await world.register('Bob')
  expect((await bob.get('/api/v1/imports')).body.items).toEqual([])
  for (const path of ['', '/report'])
    expect((await bob.get(`/api/v1/imports/${first.items[0].id}${path}`)).status).toBe(404)
  expect((await bob.post(`/api/v1/imports/${first.items[0].id}/cancel`)).status).toBe(404)
})

test('a key needs the scope of its own', async () => {
  const key = async (scopes: string[]) => {
    const { body } = await ann.post('/api/v1/api-keys', { name: 'k', scopes })
    return { 'X-API-Key': body.key as string }
  }
  const status = async (headers: Record<string, string>) => [
    (await world.anonymous.get('/api/v1/export', headers)).status,
    (await send(world, { headers }, '(A) Task')).status,
  ]
  expect(await status(await key(['tasks:read', 'tasks:write', 'account:read']))).toEqual([403, 403])
  expect(await status(await key(['data:read']))).toEqual([200, 403])
  expect(await status(await key(['data:write']))).toEqual([403, 202])
})

test('settings are taken by an account that has nothing of its own', async () => {
  const file = sample('taskport-1.json')
  await ann.post('/api/v1/tasks', { title: 'Here' })
  const kept = await imported(world, ann, file)
  expect(codesOf(kept)).toEqual(['settings settings'])
  expect((await ann.get('/api/v1/me')).body).toMatchObject({ name: 'Ann', time_zone: 'UTC' })
  const bob = await world.register('Bob')
  await imported(world, bob, file)
  expect((await bob.get('/api/v1/me')).body).toMatchObject({
    name: 'Ada',
    time_zone: 'Europe/Berlin',
  })
})

test('an account is deleted with its imports', async () => {
  const { body } = await send(world, ann, lines(300))
  const { status } = await ann.send('DELETE', '/api/v1/me', { password: ann.password })
  expect(status).toBe(204)
  const { db } = world.deps
  const left = async () =>
    (
      await db.all({
        text: 'select count(*) from imports',
        bind: () => [],
        row: ([n]) => Number(n),
      })
    )[0]
  expect(await left()).toBe(0)
  expect(body.id).toBeDefined()
})

describeEachDatabase('an import', (open) => {
  test('goes on where a process ended in the middle of it', async () => {
    await world.close()
    await begin({}, open)
    const { deps } = world
    /** A process that ends with its nth batch. */
    const dying = (after: number) => {
      let batches = 0
      const atomic: typeof deps.db.atomic = (writes, options) => {
        if (++batches > after) throw new Error('this process has ended')
        return deps.db.atomic(writes, options)
      }
      return { ...deps, quotas: deps.config.quotas, db: { ...deps.db, atomic } }
    }
    const { body } = await send(world, ann, lines(1))
    await ended(ann, body.id)
    const file = `${lines(250)}\n`
    const own = { ...deps, quotas: deps.config.quotas }
    const received = await send({ fetch: world.fetch }, ann, file)
    const { id } = received.body
    // Whatever the service itself has done of it by now, others end in the middle of the rest.
    for (const after of [0, 2, 3, 4]) {
      await runImport(onBehalfOf(dying(after), ann.id), id).catch(() => {})
      world.clock.advance(120_000)
    }
    await resumeImports(own, { idleMs: 0 })
    const done = await ended(ann, id)
    expect(done).toMatchObject({ status: 'done' })
    expect(done.counts).toMatchObject({ rows: 250, created: 249, unchanged: 1, refused: 0 })
    const titles = (await tasksOf(ann)).map(({ title }) => title)
    expect(titles).toHaveLength(250)
    expect(new Set(titles).size).toBe(250)
  })

  test('is the same with forms and without, and keeps the tree whatever its order', async () => {
    await world.close()
    await begin({}, open)
    const todo = (uid: string, parent: string) =>
      `BEGIN:VTODO\r\nUID:${uid}\r\nSUMMARY:${uid}\r\nRELATED-TO:${parent}\r\nEND:VTODO\r\n`
    const chain = Array.from({ length: 14 }, (_, i) =>
      todo(`u${i}`, i === 0 ? 'none' : `u${i - 1}`),
    )
    const circle = [todo('a', 'c'), todo('b', 'a'), todo('c', 'b'), todo('self', 'self')]
    const file = `BEGIN:VCALENDAR\r\n${[...chain.reverse(), ...circle].join('')}END:VCALENDAR\r\n`
    const done = await imported(world, ann, file, { type: 'text/calendar' })
    expect(done.counts).toMatchObject({ rows: 18, created: 18, refused: 0 })
    expect(
      codesOf(done)
        .filter((code) => code.endsWith(' parent'))
        .sort(),
    ).toEqual([
      'cycle parent',
      'cycle parent',
      'no_parent parent',
      'too_deep parent',
      'too_deep parent',
      'too_deep parent',
      'too_deep parent',
    ])
    const tasks = await tasksOf(ann)
    const depth = (task: { parent_id: string | null }): number => {
      const parent = tasks.find(({ id }) => id === task.parent_id)
      return parent ? 1 + depth(parent) : 1
    }
    expect(Math.max(...tasks.map(depth))).toBe(10)
    const again = await imported(world, ann, file, { name: 'tasks.ics' })
    expect(again.counts).toMatchObject({ created: 0, unchanged: 18 })
  })
})
