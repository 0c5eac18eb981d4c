// How a task's rule is set, changed and taken away, and what undoing means then.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../../support/databases.ts'
import { lasting, type Recurring, recurringWorld, wall } from '../../../support/recurring.ts'

const day = (date: string) => ({ kind: 'day', date })

describeEachDatabase('series', (open) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
  })
  afterAll(() => r.close())
  beforeEach(() => r.at('2026-11-23T09:00:00Z'))

  const faults = async (task: object, patch: object) => {
    const { status, body } = await r.ann.patch(r.path(task), patch)
    return [status, ...(body.errors ?? []).map(({ pointer, code }: never) => `${pointer} ${code}`)]
  }

  test('a rule needs a due, and takes its first slot from it', async () => {
    const task = await r.make({})
    expect(await faults(task, { recurrence: { rule: 'FREQ=DAILY' } })).toEqual([
      422,
      '/due due_required',
    ])
    const set = await r.patch(task, {
      due: { date: '2026-11-25' },
      recurrence: { rule: 'FREQ=DAILY' },
    })
    expect(set).toMatchObject({ occurrence: day('2026-11-25') })
    expect(set.recurrence.starts).toEqual(day('2026-11-25'))
    expect(await faults(task, { due: null })).toEqual([422, '/due due_required'])
    const starts = { date: '2026-11-24' }
    expect(await faults(task, { recurrence: { starts } })).toEqual([
      422,
      '/recurrence/starts read_only',
    ])
    expect(await r.patch(task, { recurrence: { starts: set.recurrence.starts } })).toEqual(set)
    expect(await faults(task, { occurrence: starts })).toEqual([422, '/occurrence read_only'])
    const gone = await r.patch(task, { recurrence: null, due: null })
    expect(gone).toMatchObject({ recurrence: null, occurrence: null, due: null })
    expect(await faults(task, { recurrence: { anchor: 'due' } })).toEqual([
      422,
      '/recurrence/rule required',
    ])
  })

  test('a rule that is refused says which part is wrong', async () => {
    const task = await r.make({ due: day('2026-11-23') })
    const { body } = await r.ann.patch(r.path(task), {
      recurrence: { rule: 'FREQ=WEEKLY;BYDAY=MO,XX' },
    })
    expect(body.errors).toEqual([
      {
        pointer: '/recurrence/rule',
        code: 'invalid_rule',
        detail: 'BYDAY: this takes weekdays such as MO, 1MO or -1FR.',
      },
    ])
    const never = { rule: 'FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6' }
    expect(await faults(task, { recurrence: never })).toEqual([
      422,
      '/recurrence/rule never_occurs',
    ])
  })

  test('PUT puts back what GET answered, and a postponed due stays a postponed one', async () => {
    const task = await r.make({ due: day('2026-11-23'), recurrence: { rule: 'FREQ=WEEKLY' } })
    const put = (body: { rev: string }) =>
      r.ann.put(r.path(task), body, { 'If-Match': `"${body.rev}"` })
    expect((await put(task)).body).toEqual(task)
    const moved = await put({ ...task, due: day('2026-11-24') })
    expect(moved.body).toMatchObject({ due: day('2026-11-24'), occurrence: day('2026-11-23') })
    const other = await put({ ...moved.body, occurrence: day('2026-11-24') })
    expect(other.body.errors[0]).toMatchObject({ pointer: '/occurrence', code: 'read_only' })
    const changed = await put({ ...moved.body, recurrence: { rule: 'FREQ=DAILY' } })
    expect(changed.body).toMatchObject({ occurrence: day('2026-11-24') })
    const { recurrence: _, ...rest } = changed.body
    expect((await put({ ...rest, status: 'completed' })).body).toMatchObject({
      recurrence: null,
      status: 'completed',
    })
  })

  test('reopening undoes what completing did, and nothing else', async () => {
    const task = await r.make({
      status: 'in_progress',
      start: day('2026-11-22'),
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=DAILY' },
    })
    await r.complete(task)
    await r.patch(task, { due: { date: '2026-11-28' }, start: null })
    await r.patch(task, { title: 'Water them well', labels: ['green'] })
    const back = await r.reopen(task)
    expect(lasting(back)).toEqual({
      ...lasting(task),
      title: 'Water them well',
      labels: ['green'],
    })
    expect(lasting(await r.reopen(task)), 'nothing is left to undo').toEqual(lasting(back))
  })

  test('undone behind a change of the rule, the new rule goes on from there', async () => {
    const task = await r.make({ due: day('2026-11-23'), recurrence: { rule: 'FREQ=DAILY' } })
    await r.complete(task)
    const weekly = await r.patch(task, { recurrence: { rule: 'FREQ=WEEKLY;COUNT=2' } })
    const back = await r.reopen(task)
    expect(back).toMatchObject({ due: day('2026-11-23'), occurrence: day('2026-11-23') })
    expect(back.recurrence).toEqual(weekly.recurrence)
    expect((await r.complete(task)).due).toEqual(day('2026-11-24'))
    expect((await r.complete(task)).due).toEqual(day('2026-12-01'))
    expect((await r.complete(task)).status).toBe('completed')
  })

  test('cancelled as a whole it stays at its occurrence', async () => {
    const task = await r.make({ due: day('2026-11-23'), recurrence: { rule: 'FREQ=DAILY' } })
    const second = await r.complete(task)
    await r.patch(task, { status: 'cancelled' })
    expect(lasting(await r.reopen(task))).toEqual(lasting(second))
  })

  test('in the trash and back, and in another project, the series goes on', async () => {
    const task = await r.make({ due: day('2026-11-23'), recurrence: { rule: 'FREQ=DAILY' } })
    await r.complete(task)
    await r.ann.delete(r.path(task))
    expect((await r.ann.post(r.path(task, '/complete'))).body.code).toBe('trashed')
    await r.ann.post(r.path(task, '/restore'))
    const { body: project } = await r.ann.post('/api/v1/projects', { name: 'Garden' })
    await r.patch(task, { project_id: project.id, status: 'completed' })
    expect(await r.get(task)).toMatchObject({ project_id: project.id, due: day('2026-11-25') })
    expect((await r.past(task)).map(({ occurrence }) => wall(occurrence))).toEqual([
      '2026-11-24',
      '2026-11-23',
    ])
    expect((await r.reopen(task)).due).toEqual(day('2026-11-24'))
  })

  test('a due that the rule does not select is its first slot', async () => {
    const task = await r.make({
      due: day('2026-11-24'),
      recurrence: { rule: 'FREQ=WEEKLY;BYDAY=MO;COUNT=2' },
    })
    expect((await r.complete(task)).due).toEqual(day('2026-11-30'))
    expect((await r.complete(task)).status).toBe('completed')
  })
})
