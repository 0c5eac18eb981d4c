// What kind of file it is, is told for certain or not at all; and a file that is not what it was said
// to be, or not all of it, is no import that was done.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatOf } from '../../../src/features/imports/formats/index.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { codesOf, type Imported, imported, sample, send, tasksOf } from './harness.ts'

let world: World
let count = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
const newUser = (): Promise<User> => world.register(`User${count++}`)
const bring = async (file: Uint8Array | string, format: string): Promise<Imported> =>
  imported(world, await newUser(), file, { query: { format } })

test('our own table of tasks is refused, and makes nothing', async () => {
  const ann = await newUser()
  for (const title of ['Milk @shop', 'Eggs +kitchen', 'Bread due:2026-12-01'])
    await ann.post('/api/v1/tasks', { title })
  const table = (await ann.get('/api/v1/export?format=csv')).text
  for (const name of ['tasks.csv', undefined]) {
    const { status, body } = await send(world, ann, table, name === undefined ? {} : { name })
    expect([status, body.errors[0].code]).toEqual([422, 'unknown'])
  }
  expect(await tasksOf(ann)).toHaveLength(3)
})

test.each([
  ['a table', 'Task Name,Due Date,Priority\n"Milk",2026-12-01,1\n'],
  ['a table between semicolons', 'id;title;status\n1;Milk @shop;open\n'],
  ['a letter', 'Dear Ann,\n\nthe meeting is at 10.\n\nBen'],
  ['a mail', 'From: ann@example.org\nSubject: Tasks\n\nHello'],
  ['a log', '2026-12-01 10:00:00 started\n2026-12-01 10:00:01 listening'],
  ['a list in Markdown', '# Tasks\n\n- [ ] Milk\n- [x] Eggs\n'],
  ['settings', 'version: 1\nname: tasks\n'],
  ['other JSON', '[{"id":1,"description":"Milk","status":"open"}]'],
  ['lines alone', 'Milk\nEggs\n'],
])('%s is not told', async (_name, file) => {
  const user = await newUser()
  expect((await send(world, user, file)).status).toBe(422)
  expect(await tasksOf(user)).toEqual([])
})

test.each([
  ['todotxt', 'x Milk'],
  ['todotxt', '(A) Milk\nEggs'],
  ['todotxt', '2026-11-01 Milk'],
  ['todotxt', 'Milk @shop, eggs, bread\nCall Ben +Family'],
  ['todotxt', `Ask Ben due:2026-12-01\n${'Milk @shop\n'.repeat(1_000)}`],
  ['todoist-csv', 'TYPE,CONTENT,PRIORITY\ntask,Milk,1'],
  ['taskwarrior', '{"description":"Milk","uuid":"1"}\n{"description":"Eggs","uuid":"2"}'],
  ['json', '{\n  "format": "taskport"}'],
  ['ics', 'BEGIN:VCALENDAR\nEND:VCALENDAR'],
])('%s is told by %j', (format, text) => {
  expect(formatOf(text, '')).toBe(format)
})

test('a file that is called todo.txt is one', () => {
  for (const name of ['todo.txt', 'C:\\Ann\\Done.TXT', 'work-todo.txt'])
    expect(formatOf('Milk\nEggs', name)).toBe('todotxt')
  expect(formatOf('Milk\nEggs', 'undone.txt')).toBeUndefined()
})

test.each([
  ['ics', 'taskwarrior.json'],
  ['json', 'taskwarrior.json'],
  ['todoist-csv', 'taskwarrior.json'],
  ['taskwarrior', 'thunderbird.ics'],
  ['taskwarrior', 'taskport-1.json'],
  ['json', 'thunderbird.ics'],
  ['todoist-csv', 'todo.txt'],
])('as %s, %s is an import that failed', async (format, name) => {
  const done = await bring(sample(name), format)
  expect(done).toMatchObject({ status: 'failed', counts: { created: 0 } })
  expect(done.error).toMatch(/^This is no /)
  expect(codesOf(done)).toContain('not_the_format')
})

test('what stands before a cut is made, and the import says that it failed', async () => {
  for (const [format, name, least] of [
    ['json', 'taskport-1.json', 1],
    ['ics', 'thunderbird.ics', 1],
    ['taskwarrior', 'taskwarrior.json', 2],
  ] as const) {
    const text = new TextDecoder().decode(sample(name))
    const done = await bring(text.slice(0, Math.floor(text.length * 0.7)), format)
    expect(done.status).toBe('failed')
    expect(done.error).toMatch(/ends in the middle/)
    expect(done.counts['created']).toBeGreaterThanOrEqual(least)
    expect(codesOf(done)).toContain('cut')
  }
})

test('files with nothing in them are done, where that is what they say', async () => {
  for (const [format, file] of [
    ['taskwarrior', '[]'],
    ['ics', 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n'],
    ['todoist-csv', 'TYPE,CONTENT\n'],
    ['todotxt', ''],
    ['json', '{"format":"taskport","version":1,"end":{}}'],
  ] as const)
    expect(await bring(file, format)).toMatchObject({ status: 'done', error: null, report: [] })
})

test('Taskwarrior with a task a line, with commas and without', async () => {
  const task = (n: number) =>
    `{"uuid":"0000000${n}-0000-4000-8000-000000000000","description":"T${n}","tags":["a"]}`
  for (const between of ['\n', ',\n']) {
    const ann = await newUser()
    const done = await imported(world, ann, [task(1), task(2)].join(between))
    expect(done).toMatchObject({ status: 'done', format: 'taskwarrior', counts: { created: 2 } })
  }
})
