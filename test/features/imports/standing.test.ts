// At which occurrence a recurring task of a file stands, and how many there are behind it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWorld, type User, type World } from '../../support/world.ts'
import { imported, sample } from './harness.ts'

let world: World
let ann: User
let count = 0
beforeAll(async () => {
  world = await createWorld()
})
beforeEach(async () => {
  ann = await world.register(`Ann${count++}`)
  await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
})
afterAll(() => world.close())

const only = async () => (await ann.get('/api/v1/tasks')).body.items[0]
const recurring = async (title: string) =>
  (await ann.get(`/api/v1/tasks?q=${title}`)).body.items.find(
    (task: { recurrence: unknown }) => task.recurrence !== null,
  )
const days = async (id: string, query: string): Promise<string[]> =>
  (await ann.get(`/api/v1/tasks/${id}/occurrences?${query}`)).body.items.map(
    ({ occurrence }: { occurrence: { date: string } }) => occurrence.date,
  )
const calendar = (...todos: string[][]) =>
  `BEGIN:VCALENDAR\r\n${todos.map((lines) => ['BEGIN:VTODO', 'UID:u', 'SUMMARY:Bins', ...lines, 'END:VTODO', ''].join('\r\n')).join('')}END:VCALENDAR\r\n`
const doneOn = (slot: string) => [
  `RECURRENCE-ID;VALUE=DATE:${slot}`,
  'STATUS:COMPLETED',
  `COMPLETED:${slot}T180000Z`,
]

test('what the mask of Taskwarrior has over is behind the task', async () => {
  await imported(world, ann, sample('taskwarrior.json'))
  const rent = await recurring('Rent')
  expect(rent).toMatchObject({ due: { date: '2026-04-01' }, occurrence: { date: '2026-04-01' } })
  expect(rent.recurrence.starts).toEqual({ kind: 'day', date: '2026-02-01' })
  await ann.post(`/api/v1/tasks/${rent.id}/complete`)
  expect((await days(rent.id, 'past=true')).sort()).toEqual(['2026-02-01', '2026-04-01'])
})

test('COUNT counts from DTSTART, where the due is a later slot of the series', async () => {
  await imported(world, ann, sample('thunderbird.ics'))
  const bins = await recurring('Bins')
  expect(bins.due).toEqual({ kind: 'day', date: '2026-11-19' })
  const coming = await days(bins.id, 'limit=50')
  expect([coming.length, coming.at(-1)]).toEqual([7, '2027-01-07'])
})

test('a task stands at the first occurrence that the file has not done', async () => {
  const file = calendar(
    ['DTSTART;VALUE=DATE:20261105', 'DUE;VALUE=DATE:20261105', 'RRULE:FREQ=WEEKLY;COUNT=5'],
    doneOn('20261105'),
    doneOn('20261112'),
  )
  await imported(world, ann, file)
  const bins = await only()
  expect(bins).toMatchObject({ status: 'pending', due: { date: '2026-11-19' } })
  expect(await days(bins.id, 'limit=50')).toEqual(['2026-11-26', '2026-12-03'])
})

test('a series of which all is done is done', async () => {
  const file = calendar(
    ['DUE;VALUE=DATE:20261105', 'RRULE:FREQ=WEEKLY;COUNT=2'],
    doneOn('20261105'),
    doneOn('20261112'),
  )
  await imported(world, ann, file)
  expect(await only()).toMatchObject({ status: 'completed' })
})

test('an alarm is for the occurrence at which the task stands', async () => {
  const alarm = ['BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER;RELATED=END:-P1D', 'END:VALARM']
  const file = calendar(
    ['DUE;VALUE=DATE:20361105', 'RRULE:FREQ=WEEKLY', ...alarm],
    doneOn('20361105'),
  )
  await imported(world, ann, file)
  const { id } = await only()
  const [reminder] = (await ann.get(`/api/v1/tasks/${id}/reminders`)).body.items
  // A day before the midnight with which the 12th begins.
  expect(reminder.fire_at).toBe('2036-11-10T23:00:00.000Z')
})

test('undoing an imported occurrence moves what counts from the due, and nothing else', async () => {
  const daily = ['DTSTART;VALUE=DATE:20301101', 'DUE;VALUE=DATE:20301101', 'RRULE:FREQ=DAILY']
  await imported(world, ann, calendar(daily, doneOn('20301101')))
  const { id, due } = await only()
  expect(due.date).toBe('2030-11-02')
  for (const trigger of [
    { kind: 'days', before: 'due', days: 0, time: '18:00' },
    { kind: 'instant', at: '2030-11-02T08:00:00Z' },
  ])
    await ann.post(`/api/v1/tasks/${id}/reminders`, { trigger })
  expect((await ann.post(`/api/v1/tasks/${id}/reopen`)).body.due.date).toBe('2030-11-01')
  const { items } = (await ann.get(`/api/v1/tasks/${id}/reminders`)).body
  expect(items.map(({ fire_at }: { fire_at: string }) => fire_at)).toEqual([
    '2030-11-01T17:00:00.000Z',
    '2030-11-02T08:00:00.000Z',
  ])
})
