// What other features do with reminders: an occurrence that advances, and is undone; export and
// import; a change of rules of time zones; the bytes that they count.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onBehalfOf } from '../../../src/core/context.ts'
import { readerIdOf } from '../../../src/core/parties.ts'
import { repairBytes } from '../../../src/core/stored-bytes.ts'
import { commit } from '../../../src/core/unit-of-work.ts'
import { compile, write } from '../../../src/db/statement.ts'
import { deriveInstants, repairUnchecked } from '../../../src/features/maintenance/index.ts'
import {
  advanceTimes,
  exportReminders,
  type FollowTimes,
  findTargets,
  fireDue,
  importReminder,
  keptReminders,
  restoreTimes,
  statusesThatRemind,
  type Target,
} from '../../../src/features/reminders/index.ts'
import { openStatuses } from '../../../src/features/tasks/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

test('reminders fire for the statuses that are open', () =>
  expect(statusesThatRemind).toEqual(openStatuses))

describeEachDatabase('reminders for other features', (open) => {
  let world: World
  let ann: User
  let people = 0
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock(), bulk: { rows: 4 } })
  })
  beforeEach(async () => {
    ann = await world.register(`Ann${people++}`)
    await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
  })
  afterAll(() => world.close())

  const system = () => ({ ...world.deps, quotas: world.deps.config.quotas })
  const context = (user: User = ann) => ({ ...onBehalfOf(system(), user.id), moment: {} })
  const parties = (user: User = ann) => {
    const id = readerIdOf(context(user))
    return { ownerId: id as never, readerIds: [id] }
  }
  const raw = (text: string) =>
    world.deps.db.atomic([write(compile({ toSQL: () => ({ sql: text, params: [] }) }), {})])
  const day = (date: string) => ({ kind: 'day' as const, date })
  const task = async (date = '2026-11-24') =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', due: { date } })).body
  const remind = async (id: string, trigger: object) =>
    (await ann.post(`/api/v1/tasks/${id}/reminders`, { trigger })).body
  const of = async (id: string) => (await ann.get(`/api/v1/tasks/${id}/reminders`)).body.items
  const essence = (items: Record<string, unknown>[]) =>
    items.map(({ rev: _rev, updated_at: _at, ...rest }) => rest)
  const follow = async (how: FollowTimes, id: string, date: string) => {
    const { writes, changes } = await how(context(), [{ id, start: null, due: day(date) }])
    const mustTouch = [...writes.keys()]
    const plan = { parties: parties(), writes, changes, mustTouch, result: 'done' }
    expect(await commit(context(), plan)).toBe('done')
  }

  test('the next occurrence has its own reminders, and undo brings back what was', async () => {
    const { id } = await task()
    const triggers = [
      { kind: 'days', before: 'due', days: 1, time: '18:00' },
      { kind: 'instant', at: '2026-11-23T08:00:00Z' },
      { kind: 'day', date: '2026-11-24' },
      { kind: 'zoned', datetime: '2026-11-24T12:00', time_zone: 'Asia/Tokyo' },
      { kind: 'minutes', before: 'start', minutes: 5 },
    ]
    for (const trigger of triggers) await remind(id, trigger)
    await fireDue(system())
    const before = await of(id)
    expect(before.map(({ status }: { status: string }) => status)).toEqual([
      'pending',
      'fired',
      'pending',
      'pending',
      'unscheduled',
    ])
    const kept = JSON.parse(JSON.stringify(await keptReminders(context(), id)))
    // A week and a change of daylight saving time later: clocks stay.
    await follow(advanceTimes({ days: 140 }), id, '2027-04-13')
    expect(
      (await of(id)).map((one: Record<string, unknown>) => [one['fire_at'], one['status']]),
    ).toEqual([
      ['2027-04-12T16:00:00.000Z', 'pending'],
      ['2027-04-12T07:00:00.000Z', 'pending'],
      ['2027-04-13T07:00:00.000Z', 'pending'],
      ['2027-04-13T03:00:00.000Z', 'pending'],
      [null, 'unscheduled'],
    ])
    const since = await remind(id, { kind: 'minutes', before: 'due', minutes: 0 })
    await ann.delete(`/api/v1/reminders/${before[3].id}`)
    await follow(restoreTimes(kept), id, '2026-11-24')
    const expected = before.filter((_: unknown, i: number) => i !== 3)
    const after = (await of(id)).filter((one: { id: string }) => one.id !== since.id)
    expect(essence(after)).toEqual(essence(expected))
  })

  test('where a task recurs within a day, they move as far as the due', async () => {
    const zoned = (datetime: string) => ({ datetime, time_zone: 'Europe/Berlin' })
    const made = async (rule: string, due: string) =>
      (
        await ann.post('/api/v1/tasks', {
          title: 'Drink',
          due: zoned(due),
          start: zoned(
            due
              .replace(':00', ':30')
              .replace(/T(\d\d)/, (_, h) => `T${`${Number(h) - 1}`.padStart(2, '0')}`),
          ),
          recurrence: { rule, missed: 'keep' },
        })
      ).body
    const [hourly, twice, night] = [
      await made('FREQ=HOURLY;INTERVAL=2', '2026-11-24T10:00'),
      await made('FREQ=DAILY;BYHOUR=9,17', '2026-11-24T09:00'),
      // Clocks go forward at two.
      await made('FREQ=HOURLY', '2027-03-28T01:00'),
    ]
    const ten = (date: string, clock: string) => [
      { kind: 'zoned', datetime: `${date}T${clock}`, time_zone: 'Europe/Berlin' },
      { kind: 'floating', datetime: `${date}T${clock}` },
      {
        kind: 'instant',
        at: `${date}T${clock.replace(/^\d+/, (h) => `${Number(h) - 1}`.padStart(2, '0'))}:00Z`,
      },
      { kind: 'day', date },
    ]
    for (const trigger of ten('2026-11-24', '09:50')) await remind(hourly.id, trigger)
    for (const trigger of ten('2026-11-24', '08:50')) await remind(twice.id, trigger)
    await remind(night.id, { kind: 'instant', at: '2027-03-27T23:50:00Z' })
    const complete = async (one: { id: string }) =>
      (await ann.post(`/api/v1/tasks/${one.id}/complete`)).body
    const fireAt = async ({ id }: { id: string }) =>
      (await of(id)).map((one: { fire_at: string }) => one.fire_at.slice(0, 16))
    const start = ({ start }: { start: { datetime: string } }) => start.datetime.slice(0, 16)

    expect(start(await complete(hourly))).toBe('2026-11-24T11:30')
    expect(await fireAt(hourly)).toEqual([
      ...Array.from({ length: 3 }, () => '2026-11-24T10:50'),
      '2026-11-24T08:00',
    ])
    expect(start(await complete(twice))).toBe('2026-11-24T16:30')
    expect(await fireAt(twice)).toEqual([
      ...Array.from({ length: 3 }, () => '2026-11-24T15:50'),
      '2026-11-24T08:00',
    ])
    await complete(twice)
    expect(await fireAt(twice)).toEqual([
      ...Array.from({ length: 3 }, () => '2026-11-25T07:50'),
      '2026-11-25T08:00',
    ])
    expect((await complete(night)).due.datetime).toBe('2027-03-28T03:00:00')
    expect(await fireAt(night)).toEqual(['2027-03-28T00:50'])
    for (let undone = 0; undone < 2; undone++) await ann.post(`/api/v1/tasks/${twice.id}/reopen`)
    expect(await fireAt(twice)).toEqual([
      ...Array.from({ length: 3 }, () => '2026-11-24T07:50'),
      '2026-11-24T08:00',
    ])
  })

  test('an export has all of them, and an import sets them with what became of them', async () => {
    const made = await task()
    for (let i = 0; i < 5; i++)
      await remind(made.id, { kind: 'minutes', before: 'due', minutes: i * 24 * 60 })
    await fireDue(system())
    const first = await exportReminders(context(), { limit: 3 })
    const rest = await exportReminders(context(), { after: first[2]?.id ?? '', limit: 3 })
    const all = [...first, ...rest]
    expect(all.map(({ id }) => id)).toEqual(
      (await of(made.id)).map((one: { id: string }) => one.id),
    )
    expect(all.map(({ status }) => status)).toContain('fired')
    const before = await of(made.id)
    for (const { id } of all) await ann.delete(`/api/v1/reminders/${id}`)
    const ctx = context()
    const target = (await findTargets(ctx, [made.id])).get(made.id) as Target
    const imported = all.map((one, at) => importReminder(ctx, one, target, at))
    await commit(ctx, {
      parties: parties(),
      writes: imported.flatMap(({ writes }) => writes),
      changes: imported.flatMap(({ changes }) => changes),
      mustTouch: imported.map((_, at) => 2 * at),
      result: 'done',
    })
    expect(essence(await of(made.id))).toEqual(essence(before))
    expect(await exportReminders(context(), { limit: 10 })).toEqual(all)
    expect(await repairBytes(context(), ann.id), 'the bytes are counted').toBe(false)
    await ann.patch(`/api/v1/tasks/${made.id}`, { due: { date: '2027-11-24' } })
    expect((await of(made.id))[0].fire_at).toBe('2027-11-24T08:00:00.000Z')
  })

  test('a reminder of a task that an older version has moved gets its time again', async () => {
    const { id } = await task('2026-12-10')
    const trigger = { kind: 'days', before: 'due', days: 1, time: null }
    const reminder = await remind(id, trigger)
    await raw(`update tasks set due_wall = '2026-12-20' where id = '${id}'`)
    // It does not know `checked_seq`.
    await raw(`update users set checked_seq = 0 where id = '${ann.id}'`)
    await repairUnchecked(system())
    expect((await of(id))[0]).toMatchObject({
      id: reminder.id,
      fire_at: '2026-12-19T08:00:00.000Z',
    })
  })

  test('times of reminders are derived again with other time zone data', async () => {
    const run = (version: string) =>
      deriveInstants(system(), { zoneData: { id: version, version }, starting: false })
    await raw("delete from settings where name >= 'zone_data/' and name < 'zone_data0'")
    await run('2026b')
    const { id } = await task('2026-12-10')
    for (let i = 0; i < 6; i++) await remind(id, { kind: 'days', before: 'due', days: i })
    const right = await of(id)
    const later = {
      sqlite: 'fire_at + 3600000',
      postgres: "fire_at + interval '1 hour'",
      mysql: 'date_add(fire_at, interval 1 hour)',
    }[world.deps.db.dialect.name]
    await raw(`update reminders set fire_at = ${later} where task_id = '${id}'`)
    expect((await of(id))[0].fire_at).not.toBe(right[0].fire_at)
    await run('2026c')
    const after = await of(id)
    expect(essence(after)).toEqual(essence(right))
    expect(after[0].rev).not.toBe(right[0].rev)
  })
})
