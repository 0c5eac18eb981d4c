// What its user changes while an import is written.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openDefault } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { ended, send, tasksOf } from './harness.ts'

/** What is done before the first statement of this kind. */
let meanwhile: { readonly at: RegExp; act(): Promise<unknown> } | undefined
const watched = async () => {
  const opened = await openDefault()
  const { db } = opened
  const before = async (texts: readonly string[]): Promise<void> => {
    const due = meanwhile
    if (!due || !texts.some((text) => due.at.test(text))) return
    meanwhile = undefined
    await due.act()
  }
  const all = async (...[query, ...rest]: Parameters<Database['all']>) => {
    await before([query.text])
    return db.all(query, ...rest)
  }
  const atomic: Database['atomic'] = async (writes, options) => {
    await before(writes.map(({ statement: { text } }) => text))
    return db.atomic(writes, options)
  }
  return { ...opened, db: { ...db, viewOf: db, atomic, all: all as Database['all'] } }
}
const INSERTS_REMINDER = /^insert into .?reminders\b/
/** Which rows of the file are next. */
const READS_ROWS = /from .?import_rows\b.* order by/

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld({ open: watched })
  ann = await world.register('Ann')
})
afterEach(() => world.close())

const id = '0199c2f4-6b3c-7d4e-9f50-000000000001'
const file = (members: object) =>
  JSON.stringify({ format: 'taskport', version: 1, ...members, end: {} })

test('a reminder is for the task and the settings as they are when it is made', async () => {
  const before = { kind: 'days', before: 'due', days: 1, time: null }
  const reminders = Array.from({ length: 2 }, (_, at) => ({
    id: `0199c2f4-6b3c-7d4e-9f51-00000000000${at}`,
    task_id: id,
    trigger: { ...before, days: 1 + at },
  }))
  const due = { kind: 'day', date: '2030-06-10' }
  let changed: number[] = []
  meanwhile = {
    at: INSERTS_REMINDER,
    act: async () => {
      const settings = await ann.patch('/api/v1/me', { reminder_time: '07:00' })
      const moved = await ann.patch(`/api/v1/tasks/${id}`, { due: { date: '2030-07-20' } })
      changed = [settings.status, moved.status]
    },
  }
  const sent = await send(world, ann, file({ tasks: [{ id, title: 'Task', due }], reminders }))
  expect(await ended(ann, sent.body.id)).toMatchObject({ status: 'done', report: [] })
  expect(changed).toEqual([200, 200])
  const { items } = (await ann.get(`/api/v1/tasks/${id}/reminders`)).body
  expect(items.map(({ fire_at }: { fire_at: string }) => fire_at)).toEqual([
    '2030-07-19T07:00:00.000Z',
    '2030-07-18T07:00:00.000Z',
  ])
})

test('a task has no more reminders than it may, also with those that its user has set', async () => {
  const reminders = Array.from({ length: 20 }, (_, at) => ({
    id: `0199c2f4-6b3c-7d4e-9f51-0000000000${10 + at}`,
    task_id: id,
    trigger: { kind: 'instant', at: '2030-06-10T07:00:00Z' },
  }))
  meanwhile = {
    at: INSERTS_REMINDER,
    act: () => ann.post(`/api/v1/tasks/${id}/reminders`, { trigger: reminders[0]?.trigger }),
  }
  const sent = await send(world, ann, file({ tasks: [{ id, title: 'Task' }], reminders }))
  const done = await ended(ann, sent.body.id)
  expect(done.report).toMatchObject([{ field: 'reminder', code: 'too_many' }])
  const { items } = (await ann.get(`/api/v1/tasks/${id}/reminders`)).body
  expect(items.length).toBe(20)
})

test.each([
  ['renamed', 1],
  ['deleted', 2],
])('a project that an import has made is %s, and the import goes on', async (change, count) => {
  const act = async () => {
    const { items } = (await ann.get('/api/v1/projects')).body
    const house = items.find(({ name }: { name: string }) => name === 'House')
    if (!house) meanwhile = { at: READS_ROWS, act }
    else if (change === 'renamed') await ann.patch(`/api/v1/projects/${house.id}`, { name: 'Home' })
    else await ann.delete(`/api/v1/projects/${house.id}`)
  }
  meanwhile = { at: READS_ROWS, act }
  const lines = Array.from({ length: 80 }, (_, at) => `(A) Task ${at} +House`).join('\n')
  const sent = await send(world, ann, lines)
  const done = await ended(ann, sent.body.id)
  expect(done).toMatchObject({ status: 'done', counts: { created: 80, projects: count } })
  const tasks = await tasksOf(ann)
  expect(new Set(tasks.map(({ project_id }) => project_id)).size).toBe(count)
})
