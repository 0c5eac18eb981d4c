// What happened, as it is answered: newest first, page by page, to those who may see it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fireDue } from '../../src/features/reminders/index.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { eventsIn } from '../support/events.ts'
import { maintainFor } from '../support/maintenance.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const API = '/api/v1'
const DAY = 24 * 60 * 60 * 1000
type Event = { id: string; type: string; entity_id: string; changes: object; actor: object }

describeEachDatabase('activity', (open) => {
  let world: World
  let ann: User
  let bob: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
    bob = await world.register('Bob')
  })
  afterAll(() => world.close())

  const task = async (fields: object = {}) =>
    (await ann.post(`${API}/tasks`, { title: 'Sweep', ...fields })).body
  const pages = async (path: string, query = '') => {
    const found: Event[] = []
    const sizes: number[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer: Awaited<ReturnType<User['get']>> = await ann.get(
        `${API}${path}?limit=3${query}${cursor && `&cursor=${cursor}`}`,
      )
      expect(answer.status, answer.text).toBe(200)
      found.push(...answer.body.items)
      sizes.push(answer.body.items.length)
      cursor = answer.body.next_cursor
    }
    return { found, sizes }
  }

  test('a task tells who did what to it, the newest first, in pages without a gap', async () => {
    const made = await task({ priority: 'low' })
    for (const title of ['One', 'Two', 'Three', 'Four'])
      await ann.patch(`${API}/tasks/${made.id}`, { title })
    const { body: comment } = await ann.post(`${API}/tasks/${made.id}/comments`, { text: 'Done?' })
    await ann.post(`${API}/tasks/${made.id}/complete`)
    const { found, sizes } = await pages(`/tasks/${made.id}/activity`)
    expect(sizes).toEqual([3, 3, 1])
    expect(found.map(({ type }) => type)).toEqual([
      'task.completed',
      'comment.created',
      ...Array(4).fill('task.updated'),
      'task.created',
    ])
    expect(found[1]).toMatchObject({ entity: 'comment', entity_id: comment.id, task_id: made.id })
    expect(found[1]?.changes).toEqual({ text: {} })
    expect(found[2]?.changes).toEqual({ title: {} })
    expect(found.at(-1)?.changes).toEqual({ title: {}, priority: { new: 'low' } })
    const { body: sessions } = await ann.get(`${API}/auth/sessions`)
    const actor = { id: ann.id, kind: 'session', credential_id: sessions.items[0].id }
    for (const event of found) expect(event.actor).toEqual(actor)
    expect((await ann.get(`${API}/activity?limit=7`)).body.items).toEqual(found)
  })

  test('a project tells of itself and of what was in it, and all of both', async () => {
    const { body: project } = await ann.post(`${API}/projects`, { name: 'House' })
    const inside = await task({ project_id: project.id })
    await ann.patch(`${API}/projects/${project.id}`, { name: 'Garden' })
    await ann.post(`${API}/tasks/${inside.id}/move`, { project_id: inside.project_id })
    await ann.delete(`${API}/tasks/${inside.id}`)
    const { found } = await pages(`/projects/${project.id}/activity`)
    const told = found.map(({ type, changes }) => [type, changes])
    expect(told).toEqual([
      ['task.deleted', {}],
      ['task.moved', { position: {} }],
      ['project.updated', { name: { old: 'House', new: 'Garden' } }],
      ['task.created', { title: {} }],
      ['project.created', { name: { new: 'House' } }],
    ])
    const { found: all } = await pages('/activity')
    expect(all.slice(0, found.length)).toEqual(found)
    expect(all.map(({ id }) => id).length).toBe(new Set(all.map(({ id }) => id)).size)
  })

  test('events of some types, in pages that may be short', async () => {
    const { found } = await pages('/activity', '&type=project.created&type=project.updated')
    expect(found.map(({ type }) => type)).toEqual(['project.updated', 'project.created'])
    expect((await ann.get(`${API}/activity?type=task.eaten`)).status).toBe(422)
    const first = await ann.get(`${API}/activity?limit=1&type=task.updated`)
    const other = `${API}/activity?limit=1&cursor=${first.body.next_cursor}`
    expect((await ann.get(other)).body.errors[0].code).toBe('other_list')
  })

  test('of what is gone for good the owner still sees what happened, and others never', async () => {
    const gone = await task({ title: 'Secret' })
    await ann.delete(`${API}/tasks/${gone.id}`)
    expect((await ann.get(`${API}/tasks/${gone.id}/activity`)).status).toBe(200)
    await ann.delete(`${API}/tasks/${gone.id}?permanent=true`)
    expect((await ann.get(`${API}/tasks/${gone.id}/activity`)).status).toBe(404)
    const { body } = await ann.get(`${API}/activity?limit=1`)
    expect(body.items[0]).toMatchObject({ type: 'task.purged', entity_id: gone.id })
    const kept = await task()
    for (const path of [`/tasks/${kept.id}`, `/projects/${kept.project_id}`])
      expect((await bob.get(`${API}${path}/activity`)).status).toBe(404)
    expect((await bob.get(`${API}/activity`)).body.items).toEqual([])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await ann.send(method, `${API}/activity`, {})).status).toBe(405)
  })

  test('what became of a reminder is told to its user, as done by the service', async () => {
    const { id } = await task()
    const trigger = { kind: 'instant', at: new Date(world.clock.now() + 1000).toISOString() }
    const { body: reminder } = await ann.post(`${API}/tasks/${id}/reminders`, { trigger })
    world.clock.advance(2000)
    await fireDue({ ...world.deps, quotas: world.deps.config.quotas })
    const { body } = await ann.get(`${API}/tasks/${id}/activity?type=reminder.fired`)
    expect(body.items).toMatchObject([
      {
        entity_id: reminder.id,
        actor: { id: null, kind: 'service', credential_id: null },
        changes: {},
        details: { fire_at: trigger.at, late: false },
      },
    ])
  })

  test('events are kept for as many days as it is said, by the confirmed time', async () => {
    const old = new Set((await eventsIn(world)).map(({ id }) => id))
    world.clock.advance(3 * DAY)
    await maintainFor(world, 26, { activityDays: 5 })
    const { body: signedIn } = await world.anonymous.post(`${API}/auth/login`, {
      email: ann.email,
      password: ann.password,
    })
    const now = world.client(signedIn.access_token)
    const { body: made } = await now.post(`${API}/tasks`, { title: 'Young' })
    expect((await eventsIn(world)).filter(({ id }) => old.has(id)).length).toBe(old.size)
    await maintainFor(world, 48, { activityDays: 0 })
    expect((await eventsIn(world)).filter(({ id }) => old.has(id)).length).toBe(old.size)
    await maintainFor(world, 26, { activityDays: 5 })
    const left = await eventsIn(world)
    expect(left.filter(({ id }) => old.has(id))).toEqual([])
    expect(left.map(({ entity_id }) => entity_id)).toContain(made.id)
  })
})
