// What completing a task does to the tasks below it, and what reopening undoes.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../../support/databases.ts'
import { lasting, type Recurring, recurringWorld } from '../../../support/recurring.ts'

const day = (date: string) => ({ kind: 'day', date })
type Task = Awaited<ReturnType<Recurring['make']>>

describeEachDatabase('parents', (open) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
  })
  afterAll(() => r.close())
  beforeEach(() => r.at('2026-11-23T09:00:00Z'))

  const below = (parent: Task, title: string, more: object = {}) =>
    r.make({ title, parent_id: parent.id, ...more })
  const read = async (tasks: readonly Task[]) => Promise.all(tasks.map((task) => r.get(task)))
  const statuses = async (tasks: readonly Task[]) => (await read(tasks)).map(({ status }) => status)

  test('completing completes what is open below, and reopening undoes exactly that', async () => {
    const roof = await r.make({ title: 'Roof' })
    const tiles = await below(roof, 'Tiles', { status: 'in_progress' })
    const nails = await below(tiles, 'Nails')
    const done = await below(roof, 'Plan', { status: 'completed' })
    const inside = await below(done, 'Sketch')
    const never = await below(roof, 'Gold', { status: 'cancelled' })
    const trashed = await below(roof, 'Flag')
    await r.ann.delete(r.path(trashed))
    const all = [tiles, nails, done, inside, never, trashed]
    const before = await read(all)
    const [open] = await read([roof])
    r.at('2026-11-23T10:00:00Z')
    const completed = await r.complete(roof)
    expect(await statuses(all)).toEqual([
      'completed',
      'completed',
      'completed',
      'completed',
      'cancelled',
      'pending',
    ])
    const [first] = await read([tiles])
    expect(first.completed_at).toBe(completed.completed_at)
    expect(first.updated_at >= completed.updated_at).toBe(true)
    expect(first.progress).toEqual({ completed: 1, total: 1 })
    expect(completed.progress).toEqual({ completed: 2, total: 2 })
    expect((await read([roof]))[0]).toMatchObject({
      progress: completed.progress,
      rev: completed.rev,
    })
    expect(first.rev).not.toBe(before[0].rev)
    r.at('2026-11-23T11:00:00Z')
    expect(lasting(await r.reopen(roof))).toEqual(lasting(open))
    expect((await read(all)).map(lasting)).toEqual(before.map(lasting))
  })

  test('what was changed by itself since stays', async () => {
    const roof = await r.make({ title: 'Roof' })
    const [tiles, nails, paint] = [
      await below(roof, 'Tiles'),
      await below(roof, 'Nails'),
      await below(roof, 'Paint'),
    ]
    await r.complete(roof)
    await r.reopen(nails)
    await r.complete(nails)
    await r.patch(tiles, { title: 'Red tiles' })
    await r.patch(paint, { parent_id: null })
    await r.reopen(roof)
    expect(await statuses([tiles, nails, paint])).toEqual(['pending', 'completed', 'completed'])
    // It was closed by a completion that is undone: the next one does not take it along.
    r.at('2026-11-23T10:00:00Z')
    await r.complete(roof)
    await r.patch(paint, { parent_id: roof.id })
    await r.reopen(roof)
    expect(await statuses([tiles, nails, paint])).toEqual(['pending', 'completed', 'completed'])
  })

  test('a PATCH of the status does the same, also together with a move', async () => {
    const roof = await r.make({ title: 'Roof' })
    const tiles = await below(roof, 'Tiles')
    const { body: house } = await r.ann.post('/api/v1/projects', { name: 'House' })
    await r.patch(roof, { status: 'completed', project_id: house.id })
    expect(await r.get(tiles)).toMatchObject({ status: 'completed', project_id: house.id })
    await r.patch(roof, { status: 'in_progress', title: 'The roof' })
    expect(await r.get(tiles)).toMatchObject({ status: 'pending' })
    await r.patch(roof, { status: 'cancelled' })
    expect(await statuses([roof, tiles])).toEqual(['cancelled', 'pending'])
  })

  test('a recurring parent begins its next occurrence with open subtasks; undone, they are as they were', async () => {
    const clean = await r.make({
      title: 'Clean',
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=WEEKLY' },
    })
    const [kitchen, bath, cellar] = [
      await below(clean, 'Kitchen'),
      await below(clean, 'Bath', { status: 'in_progress' }),
      await below(clean, 'Cellar', { status: 'cancelled' }),
    ]
    const oven = await below(kitchen, 'Oven')
    const filter = await below(clean, 'Filter', {
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=MONTHLY' },
    })
    const screw = await below(filter, 'Screw')
    await r.complete(screw)
    await r.complete(kitchen)
    const all = [kitchen, oven, bath, cellar, filter, screw]
    const before = await read(all)
    expect(before.map(({ status }) => status)).toEqual([
      'completed',
      'completed',
      'in_progress',
      'cancelled',
      'pending',
      'completed',
    ])
    r.at('2026-11-24T09:00:00Z')
    expect((await r.complete(clean)).due).toEqual(day('2026-11-30'))
    const expected = ['pending', 'pending', 'in_progress', 'cancelled', 'pending', 'completed']
    expect(await statuses(all)).toEqual(expected)
    expect((await r.get(kitchen)).completed_at).toBeNull()
    await r.reopen(clean)
    expect((await read(all)).map(lasting)).toEqual(before.map(lasting))
  })

  test('a task that recurs by itself is left alone by its parent, with what is below it', async () => {
    const roof = await r.make({ title: 'Roof' })
    const moss = await below(roof, 'Moss', {
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=YEARLY' },
    })
    const brush = await below(moss, 'Brush')
    const before = await read([moss, brush])
    await r.complete(roof)
    expect(await read([moss, brush])).toEqual(before)
  })

  test('the last occurrence completes what is open below', async () => {
    const clean = await r.make({
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=WEEKLY;COUNT=1' },
    })
    const bath = await below(clean, 'Bath', { status: 'in_progress' })
    expect((await r.complete(clean)).status).toBe('completed')
    expect(await statuses([bath])).toEqual(['completed'])
    await r.reopen(clean)
    expect(await statuses([clean, bath])).toEqual(['pending', 'in_progress'])
  })

  test('much below it follows in chunks, and every change is told', async () => {
    const roof = await r.make({ title: 'Roof' })
    const rows: Task[] = []
    for (let i = 0; i < 12; i++)
      rows.push(await below(roof, `Row ${i}`, i % 3 === 0 ? { status: 'completed' } : {}))
    for (let i = 0; i < 10; i++) rows.push(await below(rows[0], `Tile ${i}`))
    for (let i = 0; i < 3; i++) rows.push(await below(rows[12], `Nail ${i}`))
    const before = await read(rows)
    await r.complete(roof)
    expect(new Set(await statuses(rows))).toEqual(new Set(['completed']))
    await r.reopen(roof)
    expect((await read(rows)).map(lasting)).toEqual(before.map(lasting))
    await r.patch(roof, { due: day('2026-11-23'), recurrence: { rule: 'FREQ=DAILY' } })
    await r.complete(roof)
    expect(new Set(await statuses(rows))).toEqual(new Set(['pending']))
    await r.reopen(roof)
    expect((await read(rows)).map(lasting)).toEqual(before.map(lasting))
  })
})
