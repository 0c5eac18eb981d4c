// What its user changes while an import is written.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openDefault } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { ended, send } from './harness.ts'

/** What is done before the first batch that writes to a table. */
let meanwhile: { readonly table: string; act(): Promise<unknown> } | undefined
const watched = async () => {
  const opened = await openDefault()
  const { db } = opened
  const atomic: Database['atomic'] = async (writes, options) => {
    const into = (table: string) =>
      writes.some(({ statement: { text } }) => new RegExp(`^insert into .?${table}\\b`).test(text))
    const due = meanwhile
    if (due && into(due.table)) {
      meanwhile = undefined
      await due.act()
    }
    return db.atomic(writes, options)
  }
  return { ...opened, db: { ...db, viewOf: db, atomic } }
}

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
    table: 'reminders',
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
    table: 'reminders',
    act: () => ann.post(`/api/v1/tasks/${id}/reminders`, { trigger: reminders[0]?.trigger }),
  }
  const sent = await send(world, ann, file({ tasks: [{ id, title: 'Task' }], reminders }))
  const done = await ended(ann, sent.body.id)
  expect(done.report).toMatchObject([{ field: 'reminder', code: 'too_many' }])
  const { items } = (await ann.get(`/api/v1/tasks/${id}/reminders`)).body
  expect(items.length).toBe(20)
})
