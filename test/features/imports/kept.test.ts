// What files of other programs have in forms that are less usual: it is kept, or the report says so.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/world.ts'
import { imported, tasksOf } from './harness.ts'

let world: World
let count = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const newUser = () => world.register(`Kept${count++}`)
const bring = async (file: string, format: string) => {
  const user = await newUser()
  const done = await imported(world, user, file, { query: { format } })
  return { done, tasks: await tasksOf(user), user }
}

const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`
const instance = (n: number, more: object) => ({
  uuid: uuid(n),
  description: `Bins ${n}`,
  status: 'pending',
  due: `2026110${n}T080000Z`,
  entry: '20261101T080000Z',
  recur: 'weekly',
  parent: uuid(9),
  imask: n,
  ...more,
})
const master = {
  uuid: uuid(9),
  description: 'Bins',
  status: 'recurring',
  due: '20261101T080000Z',
  recur: 'weekly',
  mask: '+-',
}

test('an occurrence of Taskwarrior without the task that recurs is a task of its own', async () => {
  const rows = [
    instance(1, { annotations: [{ entry: '20261101T090000Z', description: 'Blue ones' }] }),
    instance(2, { status: 'completed', end: '20261102T080000Z' }),
    instance(3, { parent: uuid(8), tags: ['home'] }),
  ]
  const { done, tasks, user } = await bring(JSON.stringify(rows), 'taskwarrior')
  expect(done.counts).toMatchObject({ rows: 3, created: 3, refused: 0 })
  const named = Object.fromEntries(tasks.map((task) => [task['title'], task]))
  expect(named['Bins 1']).toMatchObject({
    recurrence: null,
    comment_count: 1,
    extra: { recur: 'weekly', parent: uuid(9) },
  })
  expect(named['Bins 2']).toMatchObject({ status: 'completed' })
  expect(named['Bins 3']).toMatchObject({ labels: ['home'], external_id: uuid(3) })
  expect(done.report.map(({ code, row }) => [code, row])).toEqual([
    ['recurrence', 1],
    ['recurrence', 2],
    ['recurrence', 3],
  ])
  const again = await imported(world, user, JSON.stringify(rows))
  expect(again.counts).toMatchObject({ created: 0, unchanged: 3 })
})

test('it belongs to the task that recurs, wherever this stands in the file', async () => {
  const rows = [instance(1, { status: 'completed', end: '20261101T090000Z' }), master]
  const { done, tasks } = await bring(
    rows.map((row) => JSON.stringify(row)).join('\n'),
    'taskwarrior',
  )
  expect(done).toMatchObject({ counts: { rows: 2, created: 1 }, report: [] })
  expect(tasks.map(({ title }) => title)).toEqual(['Bins'])
})

const todo = (...lines: string[]) => ['BEGIN:VTODO', ...lines, 'END:VTODO'].join('\r\n')
const calendar = (...todos: string[]) =>
  ['BEGIN:VCALENDAR', ...todos, 'END:VCALENDAR', ''].join('\r\n')

test('tasks of a calendar without a UID are as many as there are', async () => {
  const file = calendar(
    todo('SUMMARY:Pay rent', 'DUE;VALUE=DATE:20261201'),
    todo('SUMMARY:Pay rent', 'DUE;VALUE=DATE:20270101', 'COMMENT:The last one'),
    todo('SUMMARY:Pay rent', 'DUE;VALUE=DATE:20270101'),
  )
  const { done, tasks, user } = await bring(file, 'ics')
  expect(done).toMatchObject({ counts: { rows: 3, created: 3, refused: 0 }, report: [] })
  expect(tasks.map(({ due }) => (due as { date: string }).date).sort()).toEqual([
    '2026-12-01',
    '2027-01-01',
    '2027-01-01',
  ])
  expect(tasks.map((task) => task['comment_count']).sort()).toEqual([0, 0, 1])
  const again = await imported(world, user, file)
  expect(again.counts).toMatchObject({ created: 0, unchanged: 3 })
})

test('what todo.txt has twice is in the title', async () => {
  const { done, tasks } = await bring(
    [
      '2026-11-01 2026-12-24 is Christmas Eve',
      '2026-11-01 Call note:a note:b',
      'Pay due:2026-12-01 due:2026-12-02',
      '(A) 2026-11-01 (B) is the better plan',
      'x 2026-11-03 2026-11-01 2026-10-01 was the first',
      '(E) Sing pri:F',
      'Say __proto__:x',
      '',
    ].join('\n'),
    'todotxt',
  )
  expect(done.report).toEqual([])
  expect(tasks).toMatchObject([
    { title: '2026-12-24 is Christmas Eve' },
    { title: 'Call note:b', extra: { note: 'a' } },
    { title: 'Pay due:2026-12-02', due: { date: '2026-12-01' } },
    { title: '(B) is the better plan', priority: 'urgent' },
    { title: '2026-10-01 was the first', status: 'completed' },
    { title: 'Sing pri:F', extra: { pri: 'E' } },
    { title: 'Say __proto__:x' },
  ])
})

test('words that every object of JavaScript knows are no statuses, priorities or rules', async () => {
  const word = 'constructor'
  const rows = [
    { uuid: uuid(1), description: 'a', status: word, priority: word },
    { ...master, recur: word },
    { ...master, uuid: uuid(2), recur: `3${word}` },
  ]
  const { done, tasks } = await bring(JSON.stringify(rows), 'taskwarrior')
  expect(done).toMatchObject({ status: 'done', counts: { created: 3 } })
  expect(tasks[0]).toMatchObject({ status: 'pending', priority: 'none' })
  expect(tasks.map(({ extra }) => extra.recur)).toEqual([undefined, word, `3${word}`])
  const todoist = await bring(`TYPE,CONTENT,PRIORITY\ntask,a,${word}\n`, 'todoist-csv')
  expect(todoist.tasks).toMatchObject([{ title: 'a', priority: 'none' }])
})
