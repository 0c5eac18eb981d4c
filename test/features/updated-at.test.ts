// `updated_at` never goes back, and never stays: neither where the clock was set back, nor where two
// changes come in one millisecond. So a list of what was changed since misses nothing.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopes } from '../../src/core/access.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { type Client, createWorld, stillClock, type World } from '../support/world.ts'

const DAY = 24 * 60 * 60 * 1000
/** Rows of a chunk: changes of more are done in several batches. */
const ROWS = 4

describeEachDatabase('updated_at', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock(), bulk: { rows: ROWS } })
  })
  afterAll(() => world.close())

  let people = 0
  /** A user whose credential works whatever the clock says. */
  const settle = async () => {
    const user = await world.register(`Tim${people++}`)
    const { body } = await user.post('/api/v1/api-keys', { name: 'Phone', scopes })
    return world.client(body.key as string)
  }
  const made = async (user: Client, path: string, body: object): Promise<string> => {
    const answer = await user.post(path, body)
    expect(answer.status, answer.text).toBe(201)
    return answer.body.id
  }
  const task = (user: Client, more: object = {}) =>
    made(user, '/api/v1/tasks', { title: 'a', ...more })
  const tree = async (user: Client, children: number) => {
    const root = await task(user, { labels: ['one'] })
    const below = []
    for (let i = 0; i < children; i++)
      below.push(`tasks/${await task(user, { parent_id: root, labels: ['one'] })}`)
    const deep = await task(user, { parent_id: below[0]?.slice('tasks/'.length), labels: ['one'] })
    return { root, all: [`tasks/${root}`, ...below, `tasks/${deep}`] }
  }
  const done = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer
    expect(status, text).toBeLessThan(300)
  }

  const seqs = async () => {
    const text = 'select entity_id, seq from changes'
    const found = await world.deps.db.all(
      rawQuery<{ id: string; seq: number }>(text, ['id', 'seq']),
    )
    return new Map(found.map(({ id, seq }) => [id, Number(seq)]))
  }

  type Prepared = { readonly things: readonly string[]; change(): Promise<unknown> }
  const changes: Record<string, (user: Client) => Promise<Prepared>> = {
    'a field': async (user) => {
      const id = await task(user)
      const change = () => done(user.patch(`/api/v1/tasks/${id}`, { title: 'b' }))
      return { things: [`tasks/${id}`], change }
    },
    'a replacement': async (user) => {
      const id = await task(user)
      const change = () =>
        done(user.put(`/api/v1/tasks/${id}`, { title: 'b' }, { 'If-Match': '*' }))
      return { things: [`tasks/${id}`], change }
    },
    'the labels of a task': async (user) => {
      const id = await task(user)
      const change = () => done(user.patch(`/api/v1/tasks/${id}`, { labels: ['new'] }))
      return { things: [`tasks/${id}`], change }
    },
    completion: async (user) => {
      const id = await task(user)
      const change = () => done(user.post(`/api/v1/tasks/${id}/complete`))
      return { things: [`tasks/${id}`], change }
    },
    'a move': async (user) => {
      const [id, other] = [await task(user), await task(user)]
      const change = () => done(user.post(`/api/v1/tasks/${id}/move`, { after: other }))
      return { things: [`tasks/${id}`], change }
    },
    'the original contract': async (user) => {
      const id = await task(user)
      const { body: me } = await user.get('/api/v1/me')
      const change = () => done(user.put(`/api/${me.id}/tasks/${id}`, { title: 'b' }))
      return { things: [`tasks/${id}`], change }
    },
    'a project': async (user) => {
      const id = await made(user, '/api/v1/projects', { name: 'a' })
      const change = () => done(user.patch(`/api/v1/projects/${id}`, { name: 'b' }))
      return { things: [`projects/${id}`], change }
    },
    'a label': async (user) => {
      const id = await made(user, '/api/v1/labels', { name: 'a' })
      const change = () => done(user.patch(`/api/v1/labels/${id}`, { color: '#2f6feb' }))
      return { things: [`labels/${id}`], change }
    },
  }
  for (const children of [2, 3 * ROWS]) {
    const size = children > ROWS ? 'in chunks' : 'in one batch'
    changes[`the trash, ${size}`] = async (user) => {
      const { root, all } = await tree(user, children)
      return { things: all, change: () => done(user.delete(`/api/v1/tasks/${root}`)) }
    }
    changes[`coming back from the trash, ${size}`] = async (user) => {
      const { root, all } = await tree(user, children)
      await done(user.delete(`/api/v1/tasks/${root}`))
      return { things: all, change: () => done(user.post(`/api/v1/tasks/${root}/restore`)) }
    }
    changes[`following to another project, ${size}`] = async (user) => {
      const { root, all } = await tree(user, children)
      const project_id = await made(user, '/api/v1/projects', { name: 'other' })
      const change = () => done(user.patch(`/api/v1/tasks/${root}`, { project_id }))
      return { things: all, change }
    }
    changes[`a project that is deleted, ${size}`] = async (user) => {
      const project_id = await made(user, '/api/v1/projects', { name: 'going' })
      const things = []
      for (let i = 0; i < children; i++) things.push(`tasks/${await task(user, { project_id })}`)
      return { things, change: () => done(user.delete(`/api/v1/projects/${project_id}`)) }
    }
    changes[`a label that is renamed, ${size}`] = async (user) => {
      const { all } = await tree(user, children)
      const { body } = await user.get('/api/v1/labels')
      const { id } = body.items[0]
      const change = () => done(user.patch(`/api/v1/labels/${id}`, { name: 'two' }))
      return { things: all, change }
    }
    changes[`a label that is deleted, ${size}`] = async (user) => {
      const { all } = await tree(user, children)
      const { body } = await user.get('/api/v1/labels')
      const change = () => done(user.delete(`/api/v1/labels/${body.items[0].id}`))
      return { things: all, change }
    }
  }

  const clocks = { 'in the same millisecond': 0, 'a day earlier': -DAY }
  const cases = Object.entries(changes).flatMap(([name, prepare]) =>
    Object.entries(clocks).map(([when, ms]) => [name, when, prepare, ms] as const),
  )
  test.each(cases)('%s, %s', async (_name, _when, prepare, ms) => {
    const user = await settle()
    const { things, change } = await prepare(user)
    const read = () =>
      Promise.all(things.map(async (path) => (await user.get(`/api/v1/${path}`)).body))
    const before = await read()
    const latest = before
      .map(({ updated_at }) => updated_at as string)
      .sort()
      .at(-1) as string
    const logged = await seqs()
    world.clock.advance(ms)
    await change()
    const seqsAfter = await seqs()
    const after = await read()
    world.clock.advance(-ms)
    for (const [i, { updated_at }] of before.entries())
      expect(after[i].updated_at > updated_at, `${updated_at} → ${after[i].updated_at}`).toBe(true)
    // A millisecond later than what it had, and not later than it need be.
    for (const [i, { updated_at }] of before.entries())
      expect(Date.parse(after[i].updated_at)).toBe(Date.parse(updated_at) + 1)
    // All of them are in the change log, which finds them by their new instant.
    for (const { id } of before) expect(seqsAfter.get(id)).toBeGreaterThan(logged.get(id) ?? 0)
    const since = new Date(Date.parse(latest) + 1).toISOString()
    if (!things[0]?.startsWith('tasks/')) return
    const listed = new Set<string>()
    for (const deleted of ['false', 'true']) {
      const query = `updated_since=${since}&deleted=${deleted}&limit=200`
      for (const { id } of (await user.get(`/api/v1/tasks?${query}`)).body.items) listed.add(id)
    }
    expect(things.filter((path) => !listed.has(path.slice('tasks/'.length)))).toEqual([])
  })
})
