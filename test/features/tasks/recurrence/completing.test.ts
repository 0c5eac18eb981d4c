// Completing, skipping and reopening occurrences, by what the API answers.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../../support/databases.ts'
import { lasting, type Recurring, recurringWorld, wall } from '../../../support/recurring.ts'

const day = (date: string) => ({ kind: 'day', date })
const berlin = (datetime: string) => ({ kind: 'zoned', datetime, time_zone: 'Europe/Berlin' })

describeEachDatabase('completing', (open) => {
  let at: Recurring['at']
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
    at = r.at
  })
  afterAll(() => r.close())
  beforeEach(() => at('2026-11-23T09:00:00Z'))

  const daily = (due: object, more: object = {}) =>
    r.make({ due, recurrence: { rule: 'FREQ=DAILY', ...more } })

  test('a completed occurrence moves due and start, and is in the history', async () => {
    const task = await r.make({
      status: 'in_progress',
      start: { datetime: '2026-11-20T08:00:00' },
      due: day('2026-11-23'),
      recurrence: { rule: 'rrule:freq=weekly;byday=mo' },
    })
    expect(task.recurrence).toEqual({
      rule: 'FREQ=WEEKLY;BYDAY=MO',
      anchor: 'due',
      missed: 'skip',
      starts: day('2026-11-23'),
    })
    expect(task.occurrence).toEqual(day('2026-11-23'))
    const done = await r.complete(task)
    expect(done).toMatchObject({
      status: 'pending',
      due: day('2026-11-30'),
      occurrence: day('2026-11-30'),
      start: { kind: 'floating', datetime: '2026-11-27T08:00:00' },
      recurrence: task.recurrence,
      completed_at: null,
    })
    expect(await r.get(task)).toEqual(done)
    expect(await r.past(task)).toEqual([
      {
        occurrence: day('2026-11-23'),
        due: day('2026-11-23'),
        start: task.start,
        outcome: 'completed',
        done_at: done.updated_at,
        done_by: r.owner.id,
      },
    ])
  })

  test('early, late, and three periods late: skip goes to what comes, keep to the next one', async () => {
    for (const [missed, now, expected] of [
      ['skip', '2026-11-20T09:00:00Z', '2026-11-24'],
      ['skip', '2026-11-23T09:00:00Z', '2026-11-24'],
      ['skip', '2026-11-26T09:00:00Z', '2026-11-27'],
      ['keep', '2026-11-26T09:00:00Z', '2026-11-24'],
    ] as const) {
      const task = await daily(day('2026-11-23'), { missed })
      at(now)
      expect(wall((await r.complete(task)).due), `${missed} at ${now}`).toBe(expected)
    }
  })

  test('counted from the day of completion, at the clock of the due', async () => {
    const task = await r.make({
      due: berlin('2026-11-23T18:00:00'),
      recurrence: { rule: 'FREQ=DAILY;INTERVAL=3', anchor: 'completion' },
    })
    at('2026-11-25T23:30:00Z') // in Berlin the 26th
    expect((await r.complete(task)).due).toEqual(berlin('2026-11-29T18:00:00'))
    at('2026-11-27T09:00:00Z')
    expect((await r.complete(task)).due).toEqual(berlin('2026-11-30T18:00:00'))
    // As long ahead of its time as its interval: it does not stand for the same slot again.
    expect((await r.complete(task)).due).toEqual(berlin('2026-12-03T18:00:00'))
    expect((await r.past(task)).length).toBe(3)
  })

  test("all-day ones are counted and looked at in their owner's zone", async () => {
    await r.setZone('Pacific/Auckland')
    const task = await daily(day('2026-11-24'))
    const after = await r.make({
      due: day('2026-11-24'),
      recurrence: { rule: 'FREQ=DAILY;INTERVAL=2', anchor: 'completion' },
    })
    at('2026-11-24T12:00:00Z') // there the 25th has begun
    expect((await r.complete(task)).due).toEqual(day('2026-11-26'))
    expect((await r.complete(after)).due).toEqual(day('2026-11-27'))
    at('2026-11-23T09:00:00Z') // the session has not ended
    await r.setZone('UTC')
  })

  test('an all-day task is not overdue on its day, nor after it is completed', async () => {
    const task = await daily(day('2026-11-23'))
    const overdue = async () =>
      (await r.ann.get('/api/v1/tasks?overdue=true')).body.items.map(({ id }: { id: string }) => id)
    at('2026-11-23T23:59:00Z')
    expect(await overdue()).not.toContain(task.id)
    at('2026-11-24T00:01:00Z')
    expect(await overdue()).toContain(task.id)
    await r.complete(task)
    expect(await overdue()).not.toContain(task.id)
  })

  test('a postponed occurrence keeps its slot, and the series its rhythm', async () => {
    const task = await r.make({
      due: day('2026-01-31'),
      recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=31', missed: 'keep' },
    })
    const postponed = await r.patch(task, { due: { date: '2026-02-03' } })
    expect(postponed).toMatchObject({
      due: day('2026-02-03'),
      occurrence: day('2026-01-31'),
      recurrence: task.recurrence,
    })
    expect((await r.complete(task)).due).toEqual(day('2026-03-31'))
    expect((await r.past(task))[0]).toMatchObject({
      occurrence: day('2026-01-31'),
      due: day('2026-02-03'),
    })
    expect((await r.reopen(task)).due).toEqual(day('2026-02-03'))
  })

  test('the same occurrence twice, from two clients, is done once', async () => {
    const task = await daily(day('2026-11-23'))
    const { occurrence } = task
    const answers = await Promise.all([
      r.ann.post(r.path(task, '/complete'), { occurrence }),
      r.owner.send('POST', r.path(task, '/complete'), { occurrence }, r.ann.headers),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers.map(({ body }) => body.due)).toEqual([day('2026-11-24'), day('2026-11-24')])
    at('2026-12-23T09:00:00Z')
    expect((await r.complete(task, { occurrence })).due, 'an offline queue').toEqual(
      day('2026-11-24'),
    )
    expect(await r.past(task)).toHaveLength(1)
    const other = await r.ann.post(r.path(task, '/complete'), {
      occurrence: { date: '2026-11-25' },
    })
    expect([other.status, other.body.code]).toEqual([409, 'other_occurrence'])
  })

  test('an undo that names the occurrence is done once, however often it comes', async () => {
    const task = await daily(day('2026-11-23'))
    const { occurrence } = task
    await r.complete(task)
    const second = await r.complete(task)
    expect(second.due).toEqual(day('2026-11-25'))
    const undo = (named: object) => r.ann.post(r.path(task, '/reopen'), { occurrence: named })
    for (let i = 0; i < 2; i++) {
      const { status, body } = await undo({ date: '2026-11-24' })
      expect([status, body.due]).toEqual([200, day('2026-11-24')])
    }
    expect(await r.past(task)).toHaveLength(1)
    const other = await undo({ date: '2026-11-25' })
    expect([other.status, other.body.code]).toEqual([409, 'other_occurrence'])
    expect((await undo(occurrence)).body.due).toEqual(day('2026-11-23'))
    expect(await r.past(task)).toEqual([])
  })

  test('skipping goes on without completing; the last one skipped cancels the task', async () => {
    const task = await r.make({
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=DAILY;COUNT=2' },
    })
    expect((await r.skip(task, { occurrence: task.occurrence })).due).toEqual(day('2026-11-24'))
    expect((await r.skip(task, { occurrence: task.occurrence })).due).toEqual(day('2026-11-24'))
    const over = await r.skip(task)
    expect(over).toMatchObject({ status: 'cancelled', due: day('2026-11-24'), completed_at: null })
    expect(await r.skip(task)).toEqual(over)
    expect((await r.past(task)).map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped'])
    expect(await r.reopen(task)).toMatchObject({ status: 'pending', due: day('2026-11-24') })
    expect(lasting(await r.reopen(task))).toEqual(lasting(task))
    const plain = await r.make({})
    const refused = await r.ann.post(r.path(plain, '/skip'))
    expect([refused.status, refused.body.code]).toEqual([409, 'not_recurring'])
  })

  test('the last occurrence stays completed with its rule, and reopening restores it', async () => {
    for (const rule of ['FREQ=DAILY;COUNT=1', 'FREQ=DAILY;UNTIL=20261123']) {
      const task = await r.make({ due: day('2026-11-23'), recurrence: { rule } })
      const done = await r.complete(task)
      expect(done).toMatchObject({ status: 'completed', occurrence: day('2026-11-23') })
      expect(done.recurrence).toEqual(task.recurrence)
      expect(done.completed_at).not.toBeNull()
      expect(await r.complete(task)).toEqual(done)
      expect(await r.complete(task, { occurrence: task.occurrence })).toEqual(done)
      expect(await r.next(task, 5)).toEqual([])
      expect(lasting(await r.reopen(task))).toEqual(lasting(task))
      expect(await r.past(task)).toEqual([])
    }
  })

  test('COUNT counts what was skipped and what was missed', async () => {
    const task = await r.make({
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=DAILY;COUNT=6' },
    })
    await r.skip(task) // the 1st; the 2nd to 4th pass
    at('2026-11-26T09:00:00Z')
    expect((await r.complete(task)).due).toEqual(day('2026-11-27'))
    expect((await r.complete(task)).due).toEqual(day('2026-11-28'))
    expect((await r.complete(task)).status).toBe('completed')
    for (const due of ['2026-11-28', '2026-11-27', '2026-11-24', '2026-11-23'])
      expect((await r.reopen(task)).due).toEqual(day(due))
  })

  test('counted from completion, it never goes back to a slot that it has done', async () => {
    const anchor = 'completion'
    const cases: [object, object][] = [
      [day('2026-11-23'), { rule: 'FREQ=DAILY', anchor }],
      [berlin('2026-11-23T17:00:00'), { rule: 'FREQ=DAILY;BYHOUR=9,17', anchor }],
      [berlin('2026-11-23T10:00:00'), { rule: 'FREQ=HOURLY', anchor }],
      [day('2036-11-23'), { rule: 'FREQ=DAILY;INTERVAL=2', anchor }],
    ]
    for (const [due, recurrence] of cases) {
      let task = await r.make({ due, recurrence })
      const slots = [task.occurrence]
      for (let times = 0; times < 4; times++) {
        const coming = await r.next(task, 1)
        task = await r.complete(task, { occurrence: task.occurrence })
        expect(task.status).toBe('pending')
        expect([task.occurrence]).toEqual(coming.map(({ occurrence }) => occurrence))
        slots.push(task.occurrence)
        // An offline queue repeats what it has done.
        for (const occurrence of slots.slice(0, -1))
          expect(await r.complete(task, { occurrence })).toEqual(task)
      }
      expect(slots.map(wall), JSON.stringify(recurrence)).toEqual(
        [...new Set(slots.map(wall))].sort(),
      )
    }
  })

  test('COUNT of what is counted from completion', async () => {
    const recurrence = { rule: 'FREQ=WEEKLY;COUNT=3', anchor: 'completion' }
    const task = await r.make({ due: day('2026-11-23'), recurrence })
    at('2027-03-01T09:00:00Z')
    expect((await r.complete(task)).due).toEqual(day('2027-03-08'))
    expect((await r.complete(task)).due).toEqual(day('2027-03-15'))
    expect((await r.complete(task)).status).toBe('completed')
    expect(await r.reopen(task)).toMatchObject({ status: 'pending', due: day('2027-03-15') })
    expect(await r.complete(task)).toMatchObject({ status: 'completed' })
  })

  test('UNTIL is inclusive, for days, floating times and times in a zone', async () => {
    for (const [due, until, kept] of [
      [day('2026-11-23'), '20261124', '20261124'],
      [{ kind: 'floating', datetime: '2026-11-23T09:00:00' }, '20261124T090000', '20261124T090000'],
      [berlin('2026-11-23T09:00:00'), '20261124T080000Z', '20261124T080000Z'],
      [berlin('2026-11-23T09:00:00'), '20261124T090000', '20261124T080000Z'],
      [berlin('2026-11-23T09:00:00'), '20261124', '20261124T225959Z'],
    ] as const) {
      at('2026-11-23T07:00:00Z')
      const task = await r.make({ due, recurrence: { rule: `FREQ=DAILY;UNTIL=${until}` } })
      expect(task.recurrence.rule).toBe(`FREQ=DAILY;UNTIL=${kept}`)
      expect(wall((await r.complete(task)).due).slice(0, 10)).toBe('2026-11-24')
      expect((await r.complete(task)).status).toBe('completed')
    }
  })

  test('completed by PATCH, PUT and the original contract, it goes the same way', async () => {
    const task = await daily(day('2026-11-23'), { missed: 'keep' })
    const patched = await r.patch(task, { title: 'Other', status: 'completed' })
    expect(patched).toMatchObject({ title: 'Other', status: 'pending', due: day('2026-11-24') })
    const replaced = await r.ann.put(
      r.path(task),
      { ...patched, status: 'completed' },
      { 'If-Match': `"${patched.rev}"` },
    )
    expect(replaced.body).toMatchObject({ status: 'pending', due: day('2026-11-25') })
    const toggled = await r.ann.patch(`/api/tasks/${task.id}/complete`, {})
    expect(toggled.body).toMatchObject({ completed: false, due_date: '2026-11-26' })
    const set = await r.ann.patch(`/api/tasks/${task.id}/complete`, { completed: true })
    expect(set.body).toMatchObject({ completed: false, due_date: '2026-11-27' })
    const status = await r.ann.put(`/api/tasks/${task.id}`, { status: 'completed' })
    expect(status.body).toMatchObject({ completed: false, due_date: '2026-11-28' })
    expect(await r.past(task)).toHaveLength(5)
    const ended = await r.patch(task, { recurrence: null, status: 'completed' })
    expect(ended).toMatchObject({ status: 'completed', recurrence: null, occurrence: null })
  })

  test('pages of what is done and of what comes', async () => {
    const task = await r.make({
      due: day('2026-11-23'),
      recurrence: { rule: 'FREQ=DAILY;COUNT=9', missed: 'keep' },
    })
    for (let i = 0; i < 3; i++) await r.complete(task)
    const pages = async (which: string) => {
      const found: string[] = []
      let cursor = ''
      do {
        const { status, body, text } = await r.ann.get(
          r.path(task, `/occurrences?${which}&limit=2${cursor && `&cursor=${cursor}`}`),
        )
        expect(status, text).toBe(200)
        expect(body.items.length).toBeLessThanOrEqual(2)
        found.push(...body.items.map((item: { occurrence: object }) => wall(item.occurrence)))
        cursor = body.next_cursor ?? ''
      } while (cursor !== '')
      return found
    }
    expect(await pages('past')).toEqual(['2026-11-25', '2026-11-24', '2026-11-23'])
    const coming = ['2026-11-27', '2026-11-28', '2026-11-29', '2026-11-30', '2026-12-01']
    expect(await pages('next=true')).toEqual(coming)
    const both = await r.ann.get(r.path(task, '/occurrences?past&next'))
    expect(both.body.errors[0]).toMatchObject({ parameter: 'next', code: 'one_of' })
    const foreign = await r.ann.get(
      r.path(
        task,
        `/occurrences?next&cursor=${(await r.ann.get(r.path(task, '/occurrences?past&limit=1'))).body.next_cursor}`,
      ),
    )
    expect(foreign.status).toBe(422)
  })
})
