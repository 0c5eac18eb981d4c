// Files that no honest program writes, and some that honest ones do: each fault is told, and costs
// nothing but itself.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type User, type World } from '../../support/world.ts'
import { codesOf, type Imported, imported, send, tasksOf } from './harness.ts'

let world: World
let count = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

type Given = { readonly query?: Record<string, string>; readonly type?: string }
/** Imports a file into an account of its own. */
const bring = async (
  file: Uint8Array | string,
  given: Given = {},
): Promise<{ done: Imported; tasks: Awaited<ReturnType<typeof tasksOf>>; user: User }> => {
  const user = await world.register(`User${count++}`)
  const done = await imported(world, user, file, given)
  return { done, tasks: await tasksOf(user), user }
}
const titles = (tasks: Awaited<ReturnType<typeof tasksOf>>) => tasks.map(({ title }) => title)
const asLines = { query: { format: 'todotxt' } }
const utf16 = (text: string, { big = false, mark = true } = {}): Uint8Array => {
  const bytes = Buffer.from(mark ? `\ufeff${text}` : text, 'utf16le')
  return big ? bytes.swap16() : bytes
}
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

test.each([
  ['UTF-8 with a mark', Buffer.from('\ufeffBrötchen\nKäse')],
  ['UTF-16, little endian', utf16('Brötchen\r\nKäse')],
  ['UTF-16, big endian', utf16('Brötchen\nKäse', { big: true })],
  ['UTF-16 without a mark', utf16('Brötchen\nKäse', { mark: false })],
  ['line ends of old', Buffer.from('Brötchen\rKäse\r')],
])('%s', async (_name, file) => {
  const { done, tasks } = await bring(file, asLines)
  expect(titles(tasks)).toEqual(['Brötchen', 'Käse'])
  expect(done.report).toEqual([])
})

test('bytes that are not UTF-8 are read as Windows-1252, and cost no other line', async () => {
  const file = Buffer.concat([
    Buffer.from('Käse ☃\n'),
    latin1('Br\xf6tchen \x80 5\n'),
    Buffer.from('買い物'),
  ])
  const { done, tasks } = await bring(file, asLines)
  expect(titles(tasks)).toEqual(['Käse ☃', 'Brötchen € 5', '買い物'])
  expect(codesOf(done)).toEqual(['encoding'])
})

test('a line of a calendar may be folded within a character', async () => {
  const [before, after] = [Buffer.from('☃').subarray(0, 2), Buffer.from('☃').subarray(2)]
  const file = Buffer.concat([
    Buffer.from('BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:Snow '),
    before,
    Buffer.from('\r\n '),
    after,
    Buffer.from('man\r\nEND:VTODO\r\nEND:VCALENDAR\r\n'),
  ])
  expect(titles((await bring(file)).tasks)).toEqual(['Snow ☃man'])
})

test('NUL and control characters are taken away', async () => {
  const { tasks } = await bring('a\0b\u0007c\u001b[31m\ud800d', asLines)
  expect(titles(tasks)).toEqual(['a\ufffdbc[31m\ufffdd'])
})

test('a deep value, a large one and one that is none cost only themselves', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const large = `{"uuid":"x","description":"${'x'.repeat(1_100_000)}"}`
  const good = (id: number) =>
    `{"uuid":"0000000${id}-0000-4000-8000-000000000000","description":"good ${id}","status":"pending"}`
  const file = `[${good(1)},${deep},${large},"text",17,{"a":},null,${good(2)},{"uuid":"y","descr`
  const { done, tasks } = await bring(file, { query: { format: 'taskwarrior' } })
  expect(titles(tasks)).toEqual(['good 1', 'good 2'])
  expect(done).toMatchObject({ status: 'failed', counts: { created: 2 } })
  expect(
    done.report.every(({ code }) => ['malformed', 'kept_in_extra', 'cut'].includes(code)),
  ).toBe(true)
})

test('a line of megabytes is no task, and the next one is', async () => {
  const { done, tasks } = await bring(`${'x'.repeat(3_000_000)}\nNext`, asLines)
  expect(titles(tasks)).toEqual(['Next'])
  expect(codesOf(done)).toEqual(['too_large'])
})

test('a quote without an end costs what is behind it, and says so', async () => {
  const head = 'TYPE,CONTENT,PRIORITY,INDENT\n'
  const { done, tasks } = await bring(
    `${head}task,First,4,1\ntask,"Second,4,1\n${'task,x,4,1\n'.repeat(10)}`,
  )
  expect(titles(tasks)[0]).toBe('First')
  expect(codesOf(done)).toContain('malformed')
})

const calendar = (...todos: string[][]) =>
  `BEGIN:VCALENDAR\r\n${todos.map((lines) => ['BEGIN:VTODO', ...lines, 'END:VTODO', ''].join('\r\n')).join('')}END:VCALENDAR\r\n`

test('a property that is wrong costs no other, and a component that is wrong costs no other', async () => {
  const file = calendar(
    ['UID:1', 'SUMMARY:Rule', 'RRULE:FREQ=NEVER', 'DUE:20269999T000000', 'PRIORITY:x'],
    ['UID:2', 'SUMMARY:Zone', 'DUE;TZID=Mars/Olympus:20261201T090000', 'GARBAGE'],
    ['UID:2', 'SUMMARY:Again'],
    ['UID:3', 'SUMMARY:Nested', ...Array(9).fill('BEGIN:X'), ...Array(9).fill('END:X')],
    ['UID:4', 'SUMMARY:Year', 'DUE;VALUE=DATE:00010101', 'COMPLETED:soon', 'STATUS:MAYBE'],
    [
      'UID:5',
      `DESCRIPTION:${'x'.repeat(30_000)}`,
      `CATEGORIES:${'l,'.repeat(80)}${'y'.repeat(90)}`,
    ],
    ['UID:6', 'SUMMARY:Many', ...Array.from({ length: 40 }, (_, i) => `X-P${i}:v`)],
    ['UID:7', 'SUMMARY:Good', 'DUE:20261201'],
  ).replace(
    'END:VCALENDAR',
    'BEGIN:VEVENT\r\nSUMMARY:Party\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nSUMMARY:Cut',
  )
  const { done, tasks } = await bring(file)
  expect(done.status).toBe('failed')
  expect(titles(tasks).filter((title) => title.length < 20)).toEqual([
    'Rule',
    'Zone',
    'Year',
    'Many',
    'Good',
  ])
  expect(tasks.at(-1)?.due).toEqual({ kind: 'day', date: '2026-12-01' })
  expect(tasks[1]?.due).toEqual({ kind: 'floating', datetime: '2026-12-01T09:00:00' })
  const codes = codesOf(done)
  for (const code of [
    'malformed RRULE',
    'invalid_date DUE',
    'unknown_zone DUE',
    'duplicate',
    'malformed VTODO',
    'not_a_task VEVENT',
    'not_understood STATUS',
    'label labels',
  ])
    expect(codes).toContain(code)
  expect(codes.some((code) => code.startsWith('extra_full'))).toBe(true)
})

test('our own format: unknown fields, foreign places and newer versions', async () => {
  const task = (more: object) => ({
    id: '01a207a2-32b6-73d5-a051-acc415115a65',
    title: 'T',
    ...more,
  })
  const strange = JSON.stringify(
    {
      version: 1,
      format: 'taskport',
      more: { deep: [1] },
      tasks: [
        task({ status: 'lost', position: '../..', due: { date: '2026-02-30' }, colour: 'red' }),
        task({ id: 'none', parent_id: '01a207a2-32b6-73d5-a051-acc415115a65', __proto__: 1 }),
        7,
      ],
      projects: [{ id: 5, name: '' }],
    },
    undefined,
    2,
  )
  const { done, tasks } = await bring(strange, { query: { format: 'json' } })
  expect(tasks).toHaveLength(2)
  expect(tasks[0]).toMatchObject({ status: 'pending', due: null })
  for (const code of [
    'unknown_field more',
    'invalid status',
    'invalid due',
    'unknown_field colour',
    'cut',
  ])
    expect(codesOf(done)).toContain(code)
  const newer = await bring('{"format":"taskport","version":9,"tasks":[{"title":"T"}]}')
  expect(codesOf(newer.done)).toContain('version version')
  expect(newer.tasks).toEqual([])
})

test.each([
  ['nothing', ''],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0xff, 0xd8, 0, 0])],
  ['a page', '<!DOCTYPE html><p>Sign in'],
])('%s is no file of tasks', async (_name, file) => {
  const user = await world.register(`User${count++}`)
  const { status, body } = await send(world, user, file)
  expect([status, body.code]).toEqual([422, 'invalid'])
  expect((await user.get('/api/v1/imports')).body.items).toEqual([])
})

test('a form without a file, one without an end, and a file that is too large are refused', async () => {
  const user = await world.register(`User${count++}`)
  const post = async (type: string, body: string | Uint8Array) => {
    const response = await world.fetch('/api/v1/import', {
      method: 'POST',
      headers: { ...user.headers, 'Content-Type': type },
      body: body as string,
    })
    return [response.status, ((await response.json()) as { code: string }).code]
  }
  const form = 'multipart/form-data; boundary=b'
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="t.txt"\r\n\r\n'
  expect(await post('multipart/form-data', 'x')).toEqual([422, 'invalid'])
  expect(await post(form, '--b--\r\n')).toEqual([422, 'invalid'])
  expect(await post(form, `${part}Task`)).toEqual([422, 'invalid'])
  expect(await post('application/zip', 'PK')).toEqual([415, 'unsupported_media_type'])
  expect(await post('text/plain', new Uint8Array(20 * 1024 * 1024 + 1))).toEqual([413, 'too_large'])
  expect((await user.get('/api/v1/imports')).body.items).toEqual([])
  expect((await send(world, user, '(A) Task')).status).toBe(202)
})

test('a table of ours holds nothing that a spreadsheet would calculate', async () => {
  const { user } = await bring("=HYPERLINK(1)\n@SUM(1)\n-1+1\n'quoted", asLines)
  const { text } = await user.get('/api/v1/export?format=csv')
  const cells = text
    .split('\r\n')
    .slice(1)
    .flatMap((line) => line.split(','))
  expect(cells.filter((cell) => /^"?[=+\-@\t]/.test(cell))).toEqual([])
  expect(text).toContain("'=HYPERLINK(1)")
})
