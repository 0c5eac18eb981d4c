// Imports of what has ids that are taken, and of what can never be written.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeyedQueue } from '../../../src/core/keyed-queue.ts'
import type { Database } from '../../../src/db/database.ts'
import { resumeImports } from '../../../src/features/imports/index.ts'
import { openDefault } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'
import { codesOf, ended, imported, send, tasksOf } from './harness.ts'

/** Whether another change comes before each batch that makes a task. */
let blocked = false
const contended = async () => {
  const opened = await openDefault()
  const { db } = opened
  const atomic: Database['atomic'] = async (writes, options) =>
    blocked && writes.some(({ statement: { text } }) => /^insert into .?tasks\b/.test(text))
      ? 'stale'
      : db.atomic(writes, options)
  return { ...opened, db: { ...db, viewOf: db, atomic } }
}

let world: World
let ann: User
const clock = stillClock()
beforeEach(async () => {
  blocked = false
  const pause = async () => clock.advance(6_000)
  const contention = { queue: createKeyedQueue(), pause }
  world = await createWorld({ clock, contention, open: contended })
  ann = await world.register('Ann')
})
afterEach(() => world.close())

const file = (members: object) =>
  JSON.stringify({ format: 'taskport', version: 1, tasks: [], ...members, end: {} })
const projectsOf = async (user: User) =>
  (await user.get('/api/v1/projects?limit=100')).body.items.filter(
    ({ inbox }: { inbox: boolean }) => !inbox,
  )
const namesOf = async (user: User) =>
  (await projectsOf(user)).map(({ name }: { name: string }) => name).sort()

test('projects without ids are those of their names', async () => {
  const given = file({ projects: [{ name: 'A' }, { name: 'B' }, { name: 'B' }] })
  const done = await imported(world, ann, given)
  expect(done).toMatchObject({ status: 'done', counts: { projects: 2 } })
  expect(codesOf(done)).toEqual(['duplicate'])
  expect(await namesOf(ann)).toEqual(['A', 'B'])
  expect((await imported(world, ann, given)).counts).toMatchObject({ projects: 0 })
})

test('a project that a file has twice is made once', async () => {
  const id = '0199c2f4-6b3c-7d4e-9f50-000000000001'
  const given = file({
    projects: [
      { id, name: 'A' },
      { id, name: 'B' },
    ],
  })
  const done = await imported(world, ann, given)
  expect(codesOf(done)).toEqual(['duplicate'])
  expect(await namesOf(ann)).toEqual(['A'])
})

test('a project that was imported and deleted comes again, with its tasks', async () => {
  const { body: house } = await ann.post('/api/v1/projects', { name: 'House' })
  await ann.post('/api/v1/tasks', { title: 'Sweep', project_id: house.id })
  const { text } = await ann.get('/api/v1/export')
  const bob = await world.register('Bob')
  for (let round = 0; round < 3; round++) {
    const done = await imported(world, bob, text)
    expect(done, done.error ?? '').toMatchObject({ status: 'done', counts: { projects: 1 } })
    const [made] = await projectsOf(bob)
    const tasks = await tasksOf(bob)
    if (round === 0) expect(tasks[0]).toMatchObject({ project_id: made.id })
    for (const { id } of tasks) {
      await bob.delete(`/api/v1/tasks/${id}`)
      await bob.delete(`/api/v1/tasks/${id}?permanent=true`)
    }
    await bob.delete(`/api/v1/projects/${made.id}`)
  }
  // As often as it likes: then its tasks are in the inbox.
  for (let round = 0; round < 8; round++) {
    const done = await imported(world, bob, text)
    expect(done).toMatchObject({ status: 'done' })
    for (const { id } of await projectsOf(bob)) await bob.delete(`/api/v1/projects/${id}`)
  }
  expect(codesOf(await imported(world, bob, text))).toContain('no_project')
})

test('an import that can never be written ends as failed, and another one can begin', async () => {
  blocked = true
  const sent = await send(world, ann, '(A) Task')
  const status = async () => (await ann.get(`/api/v1/imports/${sent.body.id}`)).body.status
  const own = { ...world.deps, quotas: world.deps.config.quotas }
  let attempts = 0
  while (!['done', 'failed'].includes(await status()) && attempts < 20) {
    attempts++
    clock.advance(120_000)
    await resumeImports(own, { idleMs: 0 })
  }
  const { error } = await ended(ann, sent.body.id)
  expect([await status(), error]).toEqual([
    'failed',
    expect.stringMatching(/^What stands in the file from row 1 on could not be written/),
  ])
  blocked = false
  expect(await imported(world, ann, '(A) Task')).toMatchObject({ counts: { created: 1 } })
})

test('an import that others delay goes on, and counts its attempts anew', async () => {
  blocked = true
  const sent = await send(world, ann, '(A) Task')
  const own = { ...world.deps, quotas: world.deps.config.quotas }
  for (let attempt = 0; attempt < 2; attempt++) await resumeImports(own, { idleMs: 0 })
  blocked = false
  clock.advance(120_000)
  await resumeImports(own, { idleMs: 0 })
  expect(await ended(ann, sent.body.id)).toMatchObject({ status: 'done', counts: { created: 1 } })
})
