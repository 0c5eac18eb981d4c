// Making, changing and deleting webhooks, and reading their deliveries.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventTypes } from '../../../src/core/event-types.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { deliverDue } from '../../../src/features/webhooks/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const URL = 'https://hooks.example.org/in'
const WEBHOOKS = '/api/v1/webhooks'
const DAY = 24 * 60 * 60 * 1000
const DELIVERIES = '/api/v1/webhook-deliveries'

describeEachDatabase('webhooks', (open) => {
  let world: World
  let ann: User
  let people = 0
  beforeAll(async () => {
    const targets = {
      refusal: async ({ hostname }: { hostname: string }) =>
        hostname === 'refused.example.org' ? 'It is refused here.' : undefined,
      send: async () => ({ status: 200, retryAfter: null, text: 'fine' }),
    }
    const env = { AUTH_SECRET: 'a secret of at least 32 characters' }
    world = await createWorld({ open, clock: stillClock(), targets, env })
  })
  beforeEach(async () => {
    ann = await world.register(`Ann${people++}`)
  })
  afterAll(() => world.close())

  const make = async (more: object = {}, by = ann) => {
    const { status, body, text } = await by.post(WEBHOOKS, { url: URL, ...more })
    expect(status, text).toBe(201)
    return body
  }
  const deliver = () => deliverDue({ ...world.deps, quotas: world.deps.config.quotas })
  const rows = async (sql: string, ...columns: string[]) =>
    world.deps.db.all(rawQuery<Record<string, string>>(sql, columns))

  test('it has what was asked for, and its secret once', async () => {
    const key = { 'Idempotency-Key': 'one webhook' }
    const first = await ann.post(WEBHOOKS, { url: 'HTTPS://hooks.example.org:443/in#part' }, key)
    const { secret, ...webhook } = first.body
    expect(first.headers.get('Cache-Control')).toContain('no-store')
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    expect(webhook).toMatchObject({
      url: URL,
      description: '',
      event_types: [],
      project_id: null,
      active: true,
      disabled_reason: null,
      failing_since: null,
      previous_secret_until: null,
    })
    const again = await ann.post(WEBHOOKS, { url: 'HTTPS://hooks.example.org:443/in#part' }, key)
    expect([again.status, again.body]).toEqual([201, webhook])
    expect((await ann.get(`${WEBHOOKS}/${webhook.id}`)).body).toEqual(webhook)
    expect((await ann.get(WEBHOOKS)).body.items).toEqual([webhook])
    const stored = await rows(`select secret from webhooks where id = '${webhook.id}'`, 'secret')
    expect(stored[0]?.['secret']).toMatch(/^enc:/)
  })

  test.each([
    [{ url: 'hooks' }, '/url', 'malformed'],
    [{ url: 'https://refused.example.org/' }, '/url', 'refused'],
    [{ event_types: ['task.exploded'] }, '/event_types/0', undefined],
    [{ event_types: ['task.created', 'task.created'] }, '/event_types', 'repeated'],
    [{ project_id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f' }, '/project_id', 'unknown'],
    [{ secret: 'whsec_mine' }, '/secret', undefined],
  ])('%j is refused', async (more, pointer, code) => {
    const made = await make()
    for (const answer of [
      await ann.post(WEBHOOKS, { url: URL, ...more }),
      await ann.patch(`${WEBHOOKS}/${made.id}`, more),
    ]) {
      expect(answer.status, answer.text).toBe(422)
      expect(answer.body.errors[0]).toMatchObject({ pointer, ...(code && { code }) })
    }
  })

  test('a user has ten, also where more are made at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => ann.post(WEBHOOKS, { url: URL })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(5).fill(403)])
    expect((await ann.get(WEBHOOKS)).body.items).toHaveLength(10)
    expect((await world.register(`Bob${people}`)).id).toBeDefined()
  })

  test('changes keep what they do not name, and If-Match guards them', async () => {
    const { secret, ...made } = await make({ description: 'Chat' })
    const path = `${WEBHOOKS}/${made.id}`
    const types = [...eventTypes]
    const changed = (await ann.patch(path, { event_types: types })).body
    expect({ ...changed, rev: '', updated_at: '' }).toEqual({
      ...made,
      event_types: types,
      rev: '',
      updated_at: '',
    })
    const old = { 'If-Match': `"${made.rev}"` }
    expect((await ann.patch(path, { description: '' }, old)).status).toBe(412)
    expect((await ann.delete(path, old)).status).toBe(412)
    const same = await ann.patch(path, { event_types: types })
    expect(same.body.rev).toBe(changed.rev)
    expect((await ann.delete(path, { 'If-Match': `"${changed.rev}"` })).status).toBe(204)
    expect((await ann.get(path)).status).toBe(404)
    expect(secret).toBeDefined()
  })

  test('an API key needs the scope', async () => {
    const keyOf = async (...scopes: string[]) =>
      world.client((await ann.post('/api/v1/api-keys', { name: 'Program', scopes })).body.key)
    const [others, reading, writing] = [
      await keyOf('tasks:read', 'data:read', 'data:write'),
      await keyOf('webhooks:read'),
      await keyOf('webhooks:read', 'webhooks:write'),
    ]
    expect((await others.get(WEBHOOKS)).body.code).toBe('insufficient_scope')
    expect((await reading.get(WEBHOOKS)).status).toBe(200)
    expect((await reading.post(WEBHOOKS, { url: URL })).body.code).toBe('insufficient_scope')
    expect((await writing.post(WEBHOOKS, { url: URL })).status).toBe(201)
  })

  test('deliveries are listed newest first, by status, page by page, and go with the webhook', async () => {
    const webhook = await make()
    const path = `${WEBHOOKS}/${webhook.id}`
    const tested: string[] = []
    for (let i = 0; i < 3; i++) tested.unshift((await ann.post(`${path}/test`)).body.id)
    const idsAt = async (query: string) => {
      const { body } = await ann.get(`${path}/deliveries${query}`)
      return { ids: body.items.map(({ id }: { id: string }) => id), next: body.next_cursor }
    }
    expect((await idsAt('?status=pending')).ids).toEqual(tested)
    await deliver()
    expect((await idsAt('?status=pending')).ids).toEqual([])
    const first = await idsAt('?status=delivered&limit=2')
    const second = await idsAt(`?status=delivered&limit=2&cursor=${first.next}`)
    expect([...first.ids, ...second.ids]).toEqual(tested)
    expect(second.next).toBeNull()
    await ann.delete(path)
    expect((await ann.get(`${DELIVERIES}/${tested[0]}`)).status).toBe(404)
  })

  test('another user sees none of it, and replays nothing', async () => {
    const bob = await world.register(`Bob${people}`)
    const webhook = await make()
    const { body: delivery } = await ann.post(`${WEBHOOKS}/${webhook.id}/test`)
    await deliver()
    const asked = [
      await bob.get(`${WEBHOOKS}/${webhook.id}`),
      await bob.patch(`${WEBHOOKS}/${webhook.id}`, { active: false }),
      await bob.delete(`${WEBHOOKS}/${webhook.id}`),
      await bob.post(`${WEBHOOKS}/${webhook.id}/rotate`),
      await bob.post(`${WEBHOOKS}/${webhook.id}/test`),
      await bob.get(`${WEBHOOKS}/${webhook.id}/deliveries`),
      await bob.get(`${DELIVERIES}/${delivery.id}`),
      await bob.post(`${DELIVERIES}/${delivery.id}/replay`),
    ]
    expect(asked.map(({ status }) => status)).toEqual(Array(8).fill(404))
    expect((await ann.get(`${DELIVERIES}/${delivery.id}`)).body.status).toBe('delivered')
  })

  test('what is over is forgotten after 30 days', async () => {
    const [webhook, other] = [await make(), await make()]
    await ann.post(`${WEBHOOKS}/${other.id}/test`)
    for (let i = 0; i < 3; i++) await ann.post(`${WEBHOOKS}/${webhook.id}/test`)
    await deliver()
    const count = async (id: string) =>
      (await rows(`select id from deliveries where webhook_id = '${id}'`, 'id')).length
    world.clock.advance(27 * DAY)
    await maintainFor(world, 28)
    expect([await count(webhook.id), await count(other.id)]).toEqual([3, 1])
    world.clock.advance(3 * DAY)
    await maintainFor(world, 28)
    expect([await count(webhook.id), await count(other.id)]).toEqual([0, 0])
  })
})
