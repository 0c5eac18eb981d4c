// The files that other programs write: what a task has is kept, and the report lists the rest.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, type User, type World } from '../../support/world.ts'
import { codesOf, type Imported, imported, sample, tasksOf } from './harness.ts'

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
  await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
})
afterEach(() => world.close())

const named = async (): Promise<Record<string, Record<string, unknown>>> =>
  Object.fromEntries((await tasksOf(ann)).map((task) => [task.title, task]))
const projectNames = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await ann.get('/api/v1/projects')).body.items.map((p: { id: string; name: string }) => [
      p.id,
      p.name,
    ]),
  )
const commentsOn = async (task: Record<string, unknown> | undefined): Promise<unknown[]> =>
  (await ann.get(`/api/v1/tasks/${task?.['id']}/comments`)).body.items.map(
    ({ text, created_at }: Record<string, unknown>) => [text, created_at],
  )
const remindersOf = async (task: Record<string, unknown> | undefined): Promise<unknown[]> =>
  (await ann.get(`/api/v1/tasks/${task?.['id']}/reminders`)).body.items.map(
    ({ trigger }: Record<string, unknown>) => trigger,
  )
const linesOf = ({ report }: Imported, code: string) =>
  report.filter((line) => line.code === code).map(({ row, field }) => `${row} ${field}`)

/** The second import of a file changes nothing. */
const again = async (name: string, first: Imported): Promise<void> => {
  const before = await ann.get('/api/v1/export?format=csv')
  const second = await imported(world, ann, sample(name), { name })
  expect(second.counts).toMatchObject({ created: 0, projects: 0, labels: 0 })
  expect(second.counts['unchanged']).toBe(first.counts['created'])
  expect((await ann.get('/api/v1/export?format=csv')).text).toBe(before.text)
}

test('todo.txt', async () => {
  const done = await imported(world, ann, sample('todo.txt'), { name: 'todo.txt' })
  expect(done).toMatchObject({ status: 'done', format: 'todotxt' })
  expect(done.counts).toMatchObject({ rows: 6, created: 6, refused: 0, projects: 3 })
  const tasks = await named()
  const projects = await projectNames()
  expect(tasks['Call Mum']).toMatchObject({
    priority: 'urgent',
    due: { kind: 'day', date: '2026-12-01' },
    labels: ['phone'],
    created_at: '2026-10-31T23:00:00.000Z',
  })
  expect(projects[String(tasks['Call Mum']?.['project_id'])]).toBe('Family')
  expect(tasks['Submit the report']).toMatchObject({
    status: 'completed',
    priority: 'high',
    created_at: '2026-11-01T23:00:00.000Z',
    completed_at: '2026-11-19T23:00:00.000Z',
  })
  expect(tasks['Schedule the annual review']).toMatchObject({
    start: { kind: 'day', date: '2026-12-10' },
    labels: ['Boss'],
    extra: { rec: '+1y' },
  })
  expect(tasks['Read https://example.org/article?id=3#part']?.['labels']).toEqual(['home'])
  expect(tasks['Someday learn the accordion 🪗']).toMatchObject({
    priority: 'low',
    extra: { key: 'value', other: 'thing', pri: 'Z' },
  })
  expect(tasks['done without a creation date']).toMatchObject({
    status: 'completed',
    labels: ['home', 'phone'],
    completed_at: '2026-11-20T23:00:00.000Z',
  })
  expect(linesOf(done, 'more_projects')).toEqual(['3 project'])
  expect(linesOf(done, 'recurrence')).toEqual(['3 rec'])
  await again('todo.txt', done)
})

test('todoist.csv', async () => {
  const done = await imported(world, ann, sample('todoist.csv'), { name: 'Moving.csv' })
  expect(done).toMatchObject({ status: 'done', format: 'todoist-csv' })
  expect(done.counts).toMatchObject({ rows: 7, created: 7, refused: 0, projects: 1, labels: 1 })
  const tasks = await named()
  expect(Object.values(await projectNames())).toContain('Moving')
  expect(tasks['Cancel the electricity contract']).toMatchObject({
    priority: 'urgent',
    description: 'Customer number 4711\nTwo lines.',
    due: { kind: 'day', date: '2026-12-01' },
    extra: { responsible: 'Ben (102)', section: 'Before the move' },
  })
  expect(tasks['Find a van']).toMatchObject({
    priority: 'high',
    labels: ['errands'],
    due: { kind: 'day', date: '2026-12-12' },
  })
  const line = ['Find a van', 'Ask Ben', 'Ask his sister', 'Ask the depot']
  for (const [at, title] of line.slice(1).entries())
    expect(tasks[title]?.['parent_id']).toBe(tasks[line[at] as string]?.['id'])
  expect(tasks['Ask Ben']).toMatchObject({
    priority: 'medium',
    due: { kind: 'zoned', datetime: '2026-12-05T09:00:00', time_zone: 'Europe/Berlin' },
  })
  expect(tasks['A heading that is not a task']).toBeDefined()
  expect(tasks['Water the plants, "all" of them 🌱']).toMatchObject({
    due: { kind: 'day', date: '2026-11-23' },
    extra: { section: 'After the move' },
  })
  expect(linesOf(done, 'date_in_words')).toEqual(['4 DATE', '5 DATE', '13 DATE'])
  expect(linesOf(done, 'kept_in_extra')).toEqual([])
  expect(linesOf(done, 'assignee')).toEqual(['3 RESPONSIBLE'])
  expect(linesOf(done, 'section')).toEqual(['2 TYPE', '11 TYPE'])
  expect(linesOf(done, 'heading')).toEqual(['12 CONTENT'])
  expect(linesOf(done, 'attachment')).toEqual(['7 CONTENT'])
})

test('todoist-old.csv', async () => {
  const done = await imported(world, ann, sample('todoist-old.csv'), { name: 'todoist-old.csv' })
  expect(done.counts).toMatchObject({ rows: 3, created: 3, refused: 0 })
  const tasks = await named()
  expect(tasks['Photos, two of them']).toMatchObject({
    due: null,
    parent_id: tasks['Renew the passport']?.['id'],
    extra: { date: 'tomorrow' },
  })
  expect(linesOf(done, 'kept_in_extra')).toEqual(['3 DATE'])
  expect(linesOf(done, 'date_in_words')).toEqual(['5 DATE'])
  expect(tasks['Pay the fee']).toMatchObject({
    priority: 'urgent',
    due: { kind: 'day', date: '2026-12-31' },
  })
  await again('todoist-old.csv', done)
})

test('taskwarrior.json', async () => {
  const done = await imported(world, ann, sample('taskwarrior.json'), { name: 'tasks.json' })
  expect(done).toMatchObject({ status: 'done', format: 'taskwarrior' })
  expect(done.counts).toMatchObject({ rows: 5, created: 4, refused: 0, projects: 1 })
  const tasks = await named()
  expect(tasks['Write the talk']).toMatchObject({
    priority: 'high',
    labels: ['deep', 'writing'],
    due: { kind: 'zoned', datetime: '2026-12-01T23:59:59', time_zone: 'Europe/Berlin' },
    start: { kind: 'zoned', datetime: '2026-11-20T09:00:00', time_zone: 'Europe/Berlin' },
    created_at: '2026-11-01T08:00:00.000Z',
  })
  expect(tasks['Write the talk']).toMatchObject({
    estimate_minutes: 180,
    external_id: '7f3a1c7e-0000-4000-8000-000000000001',
    comment_count: 2,
  })
  expect(await commentsOn(tasks['Write the talk'])).toEqual([
    ['Ask Ben for slides', '2026-11-02T09:00:00.000Z'],
    ['https://example.org/outline', '2026-11-03T09:00:00.000Z'],
  ])
  expect(tasks['Book the room']).toMatchObject({
    blocked: true,
    blocked_by: [tasks['Write the talk']?.['id']],
  })
  expect(tasks['Rent']?.['recurrence']).toMatchObject({ rule: 'FREQ=MONTHLY', anchor: 'due' })
  const past = (await ann.get(`/api/v1/tasks/${tasks['Rent']?.['id']}/occurrences?past`)).body.items
  expect(past).toMatchObject([{ outcome: 'completed', done_at: '2026-01-31T21:00:00.000Z' }])
  expect(Object.values(await projectNames())).toContain('work.talks')
  expect(tasks['Book the room']).toMatchObject({
    start: { kind: 'zoned', datetime: '2026-11-25T01:00:00', time_zone: 'Europe/Berlin' },
  })
  expect(tasks['Book the room']?.['extra']).toMatchObject({ until: '20270101T000000Z' })
  // The first two of its mask are over.
  expect(tasks['Rent']?.['due']).toEqual({ kind: 'day', date: '2026-04-01' })
  expect(tasks['Old "idea"']).toMatchObject({ deleted_at: '2026-03-01T00:00:00.000Z' })
  await again('taskwarrior.json', done)
})

test('thunderbird.ics', async () => {
  const done = await imported(world, ann, sample('thunderbird.ics'), { name: 'tasks.ics' })
  expect(done).toMatchObject({ status: 'done', format: 'ics' })
  expect(done.counts).toMatchObject({ rows: 5, created: 4, refused: 0 })
  const tasks = await named()
  const parent = tasks['Parent with a long description']
  expect(parent).toMatchObject({
    status: 'in_progress',
    priority: 'high',
    labels: ['home', 'work, mostly'],
    description:
      'First line\nSecond line, with a comma; and a semicolon. This line is folded in the middle of a word and holds a snowman ☃ near the fold.',
    start: { kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
    due: { kind: 'zoned', datetime: '2026-12-01T10:00:00', time_zone: 'Europe/Berlin' },
    created_at: '2026-10-30T07:00:00.000Z',
  })
  expect(parent?.['extra']).toMatchObject({
    'ics:X-EXAMPLE-COLOR': 'teal',
    'ics:PERCENT-COMPLETE': '40',
  })
  expect(tasks['Child that comes before its parent']?.['parent_id']).toBe(parent?.['id'])
  expect(tasks['Bins']).toMatchObject({
    due: { kind: 'day', date: '2026-11-19' },
    recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TH;COUNT=10', anchor: 'due', missed: 'skip' },
    external_id: 'weekly-1@example.org',
  })
  const past = (await ann.get(`/api/v1/tasks/${tasks['Bins']?.['id']}/occurrences?past`)).body.items
  expect(past).toMatchObject([
    { occurrence: { date: '2026-11-12' }, done_at: '2026-11-12T18:59:00.000Z' },
  ])
  expect(await remindersOf(parent)).toEqual(
    expect.arrayContaining([
      { kind: 'minutes', before: 'due', minutes: 15 },
      { kind: 'instant', at: '2026-11-30T17:00:00.000Z' },
    ]),
  )
  expect(tasks['A task without a summary']).toBeDefined()
  expect(codesOf(done)).toEqual(
    expect.arrayContaining(['other_zone DUE', 'exdate EXDATE', 'no_title SUMMARY']),
  )
  await again('thunderbird.ics', done)
})

test('reminders.ics', async () => {
  const done = await imported(world, ann, sample('reminders.ics'), { name: 'list.ics' })
  expect(done.counts).toMatchObject({ rows: 2, created: 2, refused: 0, projects: 1 })
  const tasks = await named()
  expect(Object.values(await projectNames())).toContain('Groceries')
  expect(tasks['Oat milk ×2']).toMatchObject({
    priority: 'urgent',
    due: { kind: 'day', date: '2026-10-03' },
  })
  expect(tasks['買い物 at 東京']).toMatchObject({
    status: 'completed',
    priority: 'low',
    due: { kind: 'zoned', datetime: '2026-10-03T18:30:00', time_zone: 'Asia/Tokyo' },
    completed_at: '2026-10-03T09:35:00.000Z',
  })
  expect(tasks['買い物 at 東京']).toMatchObject({
    url: 'https://shop.example.org/list?id=7&x=1',
    recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=-1' },
  })
  expect(await remindersOf(tasks['買い物 at 東京'])).toEqual([
    { kind: 'days', before: 'start', days: 1, time: null },
  ])
  expect(tasks['買い物 at 東京']?.['extra']).toMatchObject({
    'ics:LOCATION': 'The shop at the corner',
    'ics:X-APPLE-SORT-ORDER': '780000002',
  })
  await again('reminders.ics', done)
})

test('tasksorg.ics', async () => {
  const done = await imported(world, ann, sample('tasksorg.ics'), { name: 'tasks.ics' })
  expect(done.counts).toMatchObject({ rows: 1, created: 1, refused: 0 })
  const task = (await named())['Call the plumber']
  expect(task).toMatchObject({
    status: 'completed',
    due: { kind: 'floating', datetime: '2026-11-10T17:00:00' },
    completed_at: '2026-11-10T22:15:00.000Z',
    labels: ['calls'],
  })
  expect(task?.['extra']).toMatchObject({
    'ics:GEO': '52.52;13.405',
    'ics:X-EXAMPLE-COLLAPSED': '1',
  })
  expect((await commentsOn(task)).map((one) => (one as unknown[])[0])).toEqual([
    'He comes on Tuesday',
  ])
  expect(linesOf(done, 'unknown_zone')).toEqual(['4 DUE'])
  await again('tasksorg.ics', done)
})

test('a calendar of ours comes back as it was', async () => {
  for (const name of ['thunderbird.ics', 'reminders.ics', 'tasksorg.ics', 'todo.txt'])
    await imported(world, ann, sample(name), { name })
  const calendar = (await ann.get('/api/v1/export?format=ics')).text
  expect(calendar.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true)
  const own = await imported(world, ann, calendar, { type: 'text/calendar' })
  expect(own.counts).toMatchObject({ created: 0, refused: 0, projects: 0, labels: 0 })
  const bob = await world.register('Bob')
  await bob.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
  const there = await imported(world, bob, calendar, { type: 'text/calendar' })
  expect(there.counts['created']).toBe(own.counts['unchanged'])
  const lines = (text: string) =>
    text
      .replace(/\r\n /g, '')
      .replace(/("id":"|X-TASKPORT-ID=)[\da-f-]+/g, '$1…')
      .replace(/"updated_at":"[^"]+"/g, '')
      .split('\r\n')
      .filter((line) => !/^(UID|X-TASKPORT-ID|DTSTAMP|LAST-MODIFIED|RELATED-TO|CREATED)/.test(line))
      .sort()
  expect(lines((await bob.get('/api/v1/export?format=ics')).text)).toEqual(lines(calendar))
})

test('a file in the first version of the export', async () => {
  const done = await imported(world, ann, sample('taskport-1.json'), { type: 'application/json' })
  expect(done).toMatchObject({ status: 'done', format: 'json', report: [] })
  expect(done.counts).toMatchObject({ created: 3, projects: 1, labels: 2 })
  await again('taskport-1.json', done)
  const tasks = await named()
  expect(tasks['Clean the pipe']?.['parent_id']).toBe(tasks['Sweep the chimney']?.['id'])
  expect(tasks['Old']).toMatchObject({ deleted_at: '2026-11-20T09:00:00.000Z' })
})
