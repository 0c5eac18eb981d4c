// A calendar of ours keeps what belongs to tasks: reminders, comments, finished occurrences.
import { afterEach, expect, test } from 'vitest'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'
import { imported } from './harness.ts'

const worlds: World[] = []
const clock = stillClock(Date.parse('2026-11-23T09:00:00Z'))
const world = async () => {
  const made = await createWorld({ clock })
  worlds.push(made)
  return made
}
afterEach(async () => {
  for (const made of worlds.splice(0)) await made.close()
})

const day = { kind: 'day', date: '2026-12-01' }
const timed = { kind: 'zoned', datetime: '2026-12-01T17:30:00', time_zone: 'Europe/Berlin' }
const triggers = [
  { kind: 'instant', at: '2026-12-01T08:00:00.000Z' },
  { kind: 'day', date: '2026-12-01' },
  { kind: 'floating', datetime: '2026-12-01T09:30:00' },
  { kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: 'Asia/Tokyo' },
  { kind: 'minutes', before: 'due', minutes: 30 },
  { kind: 'minutes', before: 'start', minutes: -45 },
  { kind: 'days', before: 'due', days: 1, time: '18:00' },
  { kind: 'days', before: 'due', days: 0, time: null },
  { kind: 'days', before: 'start', days: -2, time: '07:15' },
]
const post = async (user: User, path: string, body?: object) => {
  const answer = await user.post(path, body)
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body
}
const makeTask = async (user: User, fields: object) =>
  (await post(user, '/api/v1/tasks', { title: 'Sweep', ...fields })).id as string
const calendarOf = async (user: User) => (await user.get('/api/v1/export?format=ics')).text
/** Without the times of the import. */
const besideOf = async (user: User) => {
  const { reminders, comments, occurrences } = (await user.get('/api/v1/export')).body
  const lasting = ({ updated_at: _, ...rest }: Record<string, unknown>) => rest
  return { reminders: reminders.map(lasting), comments, occurrences }
}

/** Some of everything. */
const fill = async (user: User) => {
  await user.patch('/api/v1/me', { time_zone: 'America/Halifax', reminder_time: '07:30' })
  for (const due of [day, timed, null])
    for (const start of [null, { kind: 'day', date: '2026-11-30' }]) {
      const id = await makeTask(user, { due, start, external_id: `A:${due?.kind}:${start?.date}` })
      for (const trigger of triggers) await post(user, `/api/v1/tasks/${id}/reminders`, { trigger })
    }
  const said = await makeTask(user, { title: 'Said' })
  for (const text of ['One; "two", three\\four', 'Lines\nand *marks*\n\nand ☃', 'a:b'])
    await post(user, `/api/v1/tasks/${said}/comments`, { text })
  const [first] = (await user.get(`/api/v1/tasks/${said}/comments`)).body.items
  clock.advance(60_000)
  await user.patch(`/api/v1/comments/${first.id}`, { text: 'Edited' })
  const rule = { rule: 'FREQ=DAILY;COUNT=20', missed: 'keep' }
  for (const due of [day, timed]) {
    const id = await makeTask(user, { title: 'Again', due, start: due, recurrence: rule })
    await post(user, `/api/v1/tasks/${id}/complete`)
    await post(user, `/api/v1/tasks/${id}/skip`)
    await user.patch(`/api/v1/tasks/${id}`, { due: { kind: 'day', date: '2026-12-20' } })
    await post(user, `/api/v1/tasks/${id}/complete`)
    if (due === day) await user.patch(`/api/v1/tasks/${id}`, { recurrence: null })
  }
}

test('what belongs to tasks comes back as it was', async () => {
  const ann = await (await world()).register('Ann')
  await fill(ann)
  const calendar = await calendarOf(ann)
  expect(calendar.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true)
  const there = await world()
  const bob = await there.register('Bob')
  await bob.patch('/api/v1/me', { time_zone: 'America/Halifax', reminder_time: '07:30' })
  const done = await imported(there, bob, calendar, { type: 'text/calendar' })
  expect(done).toMatchObject({ status: 'done', report: [], counts: { created: 9, refused: 0 } })
  expect(await besideOf(bob)).toEqual(await besideOf(ann))
  const before = await besideOf(bob)
  const again = await imported(there, bob, calendar, { type: 'text/calendar' })
  expect(again.counts).toMatchObject({ created: 0, unchanged: 9 })
  expect(await besideOf(bob)).toEqual(before)
})

const alarmsIn = (calendar: string, name: string) =>
  calendar
    .replace(/\r\n /g, '')
    .split('\r\n')
    .filter((line) => line.startsWith(name))

test('alarms are right for other programs, for which a day begins at midnight', async () => {
  const ann = await (await world()).register('Ann')
  await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin', reminder_time: '07:30' })
  const triggerFor = async (due: object, trigger: object) => {
    const id = await makeTask(ann, { due })
    await post(ann, `/api/v1/tasks/${id}/reminders`, { trigger })
    const found = alarmsIn(await calendarOf(ann), 'TRIGGER')
    await ann.delete(`/api/v1/tasks/${id}`)
    return found
  }
  const days = (n: number, time: string | null) => ({ kind: 'days', before: 'due', days: n, time })
  const minutes = (n: number) => ({ kind: 'minutes', before: 'due', minutes: n })
  expect(await triggerFor(day, days(1, '18:00'))).toEqual(['TRIGGER;RELATED=END:-PT6H'])
  expect(await triggerFor(day, days(0, null))).toEqual(['TRIGGER;RELATED=END:PT7H30M'])
  expect(await triggerFor(day, minutes(30))).toEqual(['TRIGGER;RELATED=END:PT7H'])
  expect(await triggerFor(timed, minutes(30))).toEqual(['TRIGGER;RELATED=END:-PT30M'])
  expect(await triggerFor(timed, days(2, null))).toEqual(['TRIGGER;RELATED=END:-P2D'])
  expect(await triggerFor(timed, days(1, '18:00'))).toEqual(['TRIGGER;RELATED=END:-PT23H30M'])
  expect(await triggerFor(day, { kind: 'day', date: '2026-11-30' })).toEqual([
    'TRIGGER;VALUE=DATE-TIME:20261130T063000Z',
  ])
})

const todo = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'BEGIN:VTODO', 'UID:a', 'SUMMARY:A', ...lines, 'END:VTODO', 'END:VCALENDAR']
    .map((line) => `${line}\r\n`)
    .join('')

test('alarms of other programs are reminders at the same time', async () => {
  const there = await world()
  const bob = await there.register('Bob')
  await bob.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
  const triggerOf = async (due: string, trigger: string) => {
    const alarm = ['BEGIN:VALARM', `TRIGGER${trigger}`, 'END:VALARM']
    await imported(there, bob, todo(`DUE${due}`, ...alarm), { type: 'text/calendar' })
    const [task] = (await bob.get('/api/v1/tasks')).body.items
    const { items } = (await bob.get(`/api/v1/tasks/${task.id}/reminders`)).body
    await bob.delete(`/api/v1/tasks/${task.id}`)
    await bob.delete(`/api/v1/tasks/${task.id}?permanent=true`)
    return items.map((one: { trigger: object; fire_at: string }) => [one.trigger, one.fire_at])
  }
  const onDay = ';VALUE=DATE:20261201'
  const before = (days: number, time: string | null) => ({
    kind: 'days',
    before: 'due',
    days,
    time,
  })
  expect(await triggerOf(onDay, ':-PT15H')).toEqual([
    [before(1, '09:00'), '2026-11-30T08:00:00.000Z'],
  ])
  expect(await triggerOf(onDay, ';RELATED=END:PT9H')).toEqual([
    [before(0, '09:00'), '2026-12-01T08:00:00.000Z'],
  ])
  expect(await triggerOf(onDay, ':-P1D')).toEqual([
    [before(1, '00:00'), '2026-11-29T23:00:00.000Z'],
  ])
  expect(await triggerOf(':20261201T090000Z', ':-P1W')).toEqual([
    [before(7, null), '2026-11-24T09:00:00.000Z'],
  ])
  expect(await triggerOf(':20261201T090000Z', ':-PT1H')).toEqual([
    [{ kind: 'minutes', before: 'due', minutes: 60 }, '2026-12-01T08:00:00.000Z'],
  ])
})

test('what another program has changed in an alarm or an occurrence of ours counts', async () => {
  const ann = await (await world()).register('Ann')
  const id = await makeTask(ann, { due: day, recurrence: { rule: 'FREQ=DAILY' } })
  await post(ann, `/api/v1/tasks/${id}/reminders`, { trigger: triggers[1] })
  await post(ann, `/api/v1/tasks/${id}/complete`)
  const calendar = (await calendarOf(ann))
    .replace(/TRIGGER;VALUE=DATE-TIME:\d+T\d+Z/, 'TRIGGER;VALUE=DATE-TIME:20261203T120000Z')
    .replace('STATUS:COMPLETED', 'STATUS:CANCELLED')
  const there = await world()
  const bob = await there.register('Bob')
  await imported(there, bob, calendar, { type: 'text/calendar' })
  const { reminders, occurrences } = await besideOf(bob)
  expect(reminders).toMatchObject([
    { trigger: { kind: 'instant', at: '2026-12-03T12:00:00.000Z' } },
  ])
  expect(occurrences).toMatchObject([{ outcome: 'skipped', occurrence: day }])
})

test('comments that have no room in a calendar are counted, and the report of an import says so', async () => {
  const ann = await (await world()).register('Ann')
  const id = await makeTask(ann, {})
  const text = 'x'.repeat(16_000)
  for (let i = 0; i < 40; i++) await post(ann, `/api/v1/tasks/${id}/comments`, { text })
  const calendar = await calendarOf(ann)
  const kept = alarmsIn(calendar, 'COMMENT').length
  expect(kept).toBeGreaterThan(20)
  const there = await world()
  const bob = await there.register('Bob')
  const { report, counts } = await imported(there, bob, calendar, { type: 'text/calendar' })
  expect(counts).toMatchObject({ created: 1 })
  expect(report).toMatchObject([{ code: 'left_out', field: 'COMMENT' }])
  expect(report[0]?.detail).toContain(`${40 - kept} comments`)
  expect((await besideOf(bob)).comments).toHaveLength(kept)
})
