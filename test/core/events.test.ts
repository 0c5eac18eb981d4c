// The record of what happened: one event for each task that a request changes, in the batch that does.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawQuery } from '../../src/db/statement.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { eventsIn, type StoredEvent } from '../support/events.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const API = '/api/v1'
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

describeEachDatabase('the record of what happened', (open) => {
  let small: World
  let ann: User
  beforeAll(async () => {
    small = await createWorld({ open, bulk: { rows: 2 } })
    ann = await small.register('Ann')
  })
  afterAll(() => small.close())

  const task = async (fields: object = {}) => {
    const answer = await ann.post(`${API}/tasks`, { title: 'Sweep', ...fields })
    expect(answer.status, answer.text).toBe(201)
    return answer.body as { id: string }
  }
  const seqOf = async () => {
    const text = `select seq from users where id = '${ann.id}'`
    return Number((await small.deps.db.one(rawQuery<{ seq: number }>(text, ['seq'])))?.seq)
  }
  const during = async (act: () => Promise<{ status: number; text: string }>) => {
    const before = new Set((await eventsIn(small)).map(({ id }) => id))
    const answer = await act()
    expect(answer.status, answer.text).toBeLessThan(300)
    return (await eventsIn(small)).filter(({ id }) => !before.has(id))
  }
  const about = (events: readonly StoredEvent[]) =>
    Object.fromEntries(events.map(({ entity_id, type }) => [entity_id, type]))

  /** A task with five below it: more than a chunk of two. */
  const tree = async () => {
    const root = await task()
    const children = []
    for (let i = 0; i < 4; i++) children.push(await task({ parent_id: root.id }))
    const below = await task({ parent_id: children[0]?.id })
    const others = [...children, below].map(({ id }) => id)
    return { root: root.id, others, all: [root.id, ...others] }
  }

  test('an event has the number that its owner has after the batch, and says what has changed', async () => {
    const { id } = await task({ due: { date: '2026-12-01' }, labels: ['home'] })
    const patch = {
      title: 'Mop',
      description: 'With water.',
      priority: 'high',
      due: { date: '2026-12-02' },
      url: `https://example.org/${'a'.repeat(600)}`,
      labels: [],
    }
    const [event, ...more] = await during(() => ann.patch(`${API}/tasks/${id}`, patch))
    expect(more).toEqual([])
    expect(event).toMatchObject({ type: 'task.updated', task_id: id, user_id: null })
    expect(Number(event?.seq)).toBe(await seqOf())
    expect(event?.data).toEqual({
      changes: {
        title: {},
        description: {},
        priority: { old: 'none', new: 'high' },
        due: { old: { kind: 'day', date: '2026-12-01' }, new: { kind: 'day', date: '2026-12-02' } },
        url: {},
        labels: { old: ['home'], new: [] },
      },
    })
    const none = await during(() => ann.patch(`${API}/tasks/${id}`, { title: 'Mop' }))
    expect(none).toEqual([])
  })

  test('each task that a large change takes along has its own event, by the credential that began it', async () => {
    const { root, others, all } = await tree()
    const { body: key } = await ann.post(`${API}/api-keys`, {
      name: 'Phone',
      scopes: ['tasks:write'],
    })
    const phone = (method: string, path: string) =>
      small.anonymous.send(method, `${API}/tasks/${root}${path}`, undefined, {
        'X-API-Key': key.key,
      })
    const turns = [
      ['POST', '/complete', 'task.completed'],
      ['POST', '/reopen', 'task.reopened'],
      ['DELETE', '', 'task.deleted'],
      ['POST', '/restore', 'task.restored'],
      ['DELETE', '', 'task.deleted'],
      ['DELETE', '?permanent=true', 'task.purged'],
    ] as const
    for (const [method, path, type] of turns) {
      const events = await during(() => phone(method, path))
      expect(about(events), type).toEqual(Object.fromEntries(all.map((id) => [id, type])))
      expect(events.length).toBe(all.length)
      expect(new Set(events.map(({ credential }) => credential))).toEqual(
        new Set([`key:${key.id}`]),
      )
      expect(new Set(events.map(({ actor_id }) => actor_id))).toEqual(new Set([ann.id]))
      for (const { id } of events) expect(id).toMatch(UUID_V7)
      expect(new Set(events.map(({ seq }) => seq)).size).toBeGreaterThan(1)
      if (type === 'task.purged') continue
      const along = events.filter(({ entity_id }) => others.includes(entity_id))
      const cause = { entity: 'task', id: root }
      for (const { data } of along) expect(data.cause).toEqual(cause)
    }
  })

  test('a change of many tasks by a filter records one event of each, and none of those that stay', async () => {
    const { body: project } = await ann.post(`${API}/projects`, { name: 'House' })
    const made = []
    for (let i = 0; i < 5; i++) made.push((await task({ project_id: project.id })).id)
    const done = await task({ project_id: project.id, status: 'completed' })
    const events = await during(() =>
      ann.post(`${API}/tasks/bulk`, {
        filter: { project_id: [project.id] },
        change: { action: 'complete' },
      }),
    )
    expect(about(events)).toEqual(Object.fromEntries(made.map((id) => [id, 'task.completed'])))
    expect(events.length).toBe(made.length)
    expect(about(events)).not.toHaveProperty(done.id)
    expect(new Set(events.map(({ credential }) => credential.split(':')[0]))).toEqual(
      new Set(['session']),
    )
    const moved = await during(() => ann.delete(`${API}/projects/${project.id}`))
    expect(moved.length).toBe(made.length + 2)
    const causes = moved.filter(({ type }) => type === 'task.deleted').map(({ data }) => data.cause)
    expect(new Set(causes.map((cause) => JSON.stringify(cause))).size).toBe(1)
  })
})
