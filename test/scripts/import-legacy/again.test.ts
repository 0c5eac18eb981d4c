// What another import finds of an earlier one, whatever has changed in the meantime.
import Libsql from 'libsql'
import { afterEach, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/world.ts'
import { onFile } from './fixtures.ts'
import { importInto } from './importing.ts'

let world: World
afterEach(() => world.close())

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 23, 9)
const at = (ms: number) => new Date(NOW + ms).toISOString().slice(0, 19)

const file = (id: string, rows: readonly (readonly [string | number, string | null])[]) =>
  onFile(
    [
      'create table users (id integer primary key, email text)',
      `create table tasks (id ${id} primary key, user_id integer, title text, created_at text)`,
      "insert into users values (1, 'ada@example.org')",
    ],
    rows.map(([id, created]) => [
      'insert into tasks values (?, 1, ?, ?)',
      [id, `task ${id}`, created],
    ]),
  )
const change = (url: string, text: string) => {
  const db = new Libsql(url.slice('sqlite:///'.length))
  db.exec(text)
  db.close()
}

test.each([
  ['integer', 1, 2],
  ['text', 'a', 'b'],
])('a task of the future is the same one when its time has passed: ids %s', async (type, a, b) => {
  world = await createWorld()
  const { url } = await file(type, [
    [a, at(5 * HOUR)],
    [b, at(-HOUR)],
  ])
  expect((await importInto(world, url)).counts).toMatchObject({ imported: 2, changed: 1 })
  world.clock.advance(24 * HOUR)
  const { counts, lines } = await importInto(world, url)
  expect(counts).toMatchObject({ imported: 0, present: 2 })
  expect(lines).toEqual([])
})

test.each([null, 'long ago', '1969-12-31 23:00:00'])(
  'a title may change where created_at is %s',
  async (created) => {
    world = await createWorld()
    const { url } = await file('integer', [[1, created]])
    await importInto(world, url)
    change(url, "update tasks set title = 'another'")
    expect((await importInto(world, url)).counts).toMatchObject({ imported: 0, present: 1 })
  },
)

test('what was written before a database failed is told, and nobody writes on', async () => {
  world = await createWorld()
  const { url } = await onFile([
    'create table users (id integer primary key, email text)',
    'create table tasks (id integer primary key, user_id integer, title text)',
    "insert into users values (1, 'ada@example.org'), (2, 'bob@example.org')",
    "insert into tasks values (1, 1, 'a'), (2, 2, '')",
  ])
  const { db } = world.deps
  let batches = 0
  let open = 0
  const failing: typeof db.atomic = async (...given) => {
    const first = batches++ === 0
    if (first) throw new Error('the database failed')
    open++
    return db.atomic(...given).finally(() => open--)
  }
  const lines: string[] = []
  const deps = { ...world.deps, db: { ...db, atomic: failing } }
  const importing = importInto({ deps }, url, { say: (line) => lines.push(line) })
  await expect(importing).rejects.toThrow('the database failed')
  expect(open).toBe(0)
  expect(lines).toEqual([expect.stringMatching(/^tasks 2: title: it is blank/)])
})
