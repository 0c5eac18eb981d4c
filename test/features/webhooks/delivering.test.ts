// Each event is sent to each endpoint that is told of it, again where that fails, and under one id.
import { Webhook as Verifier } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rawQuery } from '../../../src/db/statement.ts'
import { expandEvents } from '../../../src/features/webhooks/expand.ts'
import { deliverDue, SendFailure, type SendRequest } from '../../../src/features/webhooks/index.ts'
import { RETRIES_MS } from '../../../src/features/webhooks/outcome.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { faultsBy } from '../../support/document.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'
import { happen } from './events.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const REMINDERS = ['reminder.fired', 'reminder.missed']
const URL = 'https://hooks.example.org/in'

describeEachDatabase('delivering to webhooks', (open) => {
  let world: World
  let ann: User
  let sent: SendRequest[] = []
  let answer: (request: SendRequest) => { status: number; retryAfter?: string; text?: string }
  let people = 0
  beforeAll(async () => {
    const targets = {
      refusal: async () => undefined,
      send: async (request: SendRequest) => {
        sent.push(request)
        return { retryAfter: null, text: 'fine', ...answer(request) }
      },
    }
    // Signatures are verified by the system's clock.
    world = await createWorld({ open, clock: stillClock(Date.now()), targets })
  })
  beforeEach(async () => {
    ann = await world.register(`Ann${people++}`)
    answer = () => ({ status: 200 })
    await deliver()
    sent = []
  })
  afterAll(() => world.close())

  const deliver = () => deliverDue({ ...world.deps, quotas: world.deps.config.quotas })
  const make = async (more: object = {}, by = ann) => {
    const { status, body, text } = await by.post('/api/v1/webhooks', {
      url: URL,
      event_types: REMINDERS,
      ...more,
    })
    expect(status, text).toBe(201)
    return body
  }
  const read = async (id: string) => (await ann.get(`/api/v1/webhooks/${id}`)).body
  const deliveries = async (id: string, query = '') =>
    (await ann.get(`/api/v1/webhooks/${id}/deliveries${query}`)).body.items
  const refresh = async () => {
    const { email, password } = ann
    const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
    ann = { ...ann, ...world.client(body.access_token) }
  }
  const advance = async (ms: number) => {
    world.clock.advance(ms)
    await refresh()
  }
  const ids = () => sent.map(({ headers }) => headers['webhook-id'])

  test('an event is sent once, signed, with the thing as its user sees it', async () => {
    const webhook = await make()
    const task = (await ann.post('/api/v1/tasks', { title: 'Sweep' })).body
    const trigger = { kind: 'instant', at: new Date(world.clock.now() + DAY).toISOString() }
    const reminder = (await ann.post(`/api/v1/tasks/${task.id}/reminders`, { trigger })).body
    await happen(world, ann.id, { entityId: reminder.id })
    await Promise.all(Array.from({ length: 4 }, deliver))
    expect(sent).toHaveLength(1)
    const [{ headers, body, url }] = sent as [SendRequest]
    expect(url.href).toBe(URL)
    for (const verifier of [new Verifier(webhook.secret), new Svix(webhook.secret)])
      expect(() => verifier.verify(body, headers)).not.toThrow()
    expect(() => new Verifier(webhook.secret).verify(`${body} `, headers)).toThrow()
    const payload = JSON.parse(body)
    expect(payload).toMatchObject({
      type: 'reminder.fired',
      data: {
        event: { entity: 'reminder', entity_id: reminder.id },
        resource: reminder,
        rev: reminder.rev,
      },
    })
    const [delivery, ...others] = await deliveries(webhook.id)
    expect(others).toEqual([])
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: 1,
      response_status: 200,
      response_excerpt: 'fine',
      error: null,
      message_id: headers['webhook-id'],
      event_id: payload.data.event.id,
      next_attempt_at: null,
    })
  })

  test('each kind of thing is sent as the document says, with the event that its activity lists', async () => {
    const webhook = await make({ event_types: [] })
    const project = (await ann.post('/api/v1/projects', { name: 'House' })).body
    const task = (await ann.post('/api/v1/tasks', { title: 'Sweep', project_id: project.id })).body
    await ann.post('/api/v1/labels', { name: 'soot' })
    await ann.post(`/api/v1/tasks/${task.id}/comments`, { text: 'Done?' })
    const trigger = { kind: 'instant', at: new Date(world.clock.now() + DAY).toISOString() }
    await ann.post(`/api/v1/tasks/${task.id}/reminders`, { trigger })
    await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
    await ann.delete(`/api/v1/tasks/${task.id}`)
    await deliver()
    const payloads = sent.map(({ body }) => JSON.parse(body))
    const faults = faultsBy(world.document, 'WebhookEventPayload')
    expect(payloads.flatMap(faults)).toEqual([])
    const { body: activity } = await ann.get('/api/v1/activity?limit=100')
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    const events = payloads.map(({ data }) => data.event).sort(byId)
    expect(events.map(({ entity }) => entity)).toEqual(
      expect.arrayContaining(['project', 'task', 'label', 'comment', 'reminder', 'user']),
    )
    expect(activity.items.sort(byId)).toEqual(expect.arrayContaining(events))
    expect(faults({ ...payloads[0], type: 'task.eaten' })).not.toEqual([])

    sent = []
    await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
    await deliver()
    const [tested, ...others] = sent.map(({ body }) => JSON.parse(body))
    expect(others).toEqual([])
    expect(faultsBy(world.document, 'WebhookTestPayload')(tested)).toEqual([])
    expect(tested.data).toEqual({ webhook_id: webhook.id })
  })

  test('of what happened before, and of what others do, nothing is sent', async () => {
    const bob = await world.register(`Bob${people}`)
    await happen(world, ann.id)
    const webhook = await make()
    await happen(world, bob.id)
    await deliver()
    expect(sent).toEqual([])
    await ann.patch(`/api/v1/webhooks/${webhook.id}`, { active: false })
    await happen(world, ann.id)
    await ann.patch(`/api/v1/webhooks/${webhook.id}`, { active: true })
    await deliver()
    expect(sent).toEqual([])
    await happen(world, ann.id)
    await deliver()
    expect(sent).toHaveLength(1)
  })

  test('types and a project choose; a thing that is gone is null', async () => {
    const project = (await ann.post('/api/v1/projects', { name: 'House' })).body
    const ofType = await make({ event_types: ['reminder.missed'] })
    const ofProject = await make({ project_id: project.id })
    await happen(world, ann.id, { type: 'reminder.fired', projectId: project.id })
    await happen(world, ann.id, { type: 'reminder.missed' })
    await deliver()
    const typesOf = async ({ id }: { id: string }) =>
      (await deliveries(id)).map((one: { event_type: string }) => one.event_type)
    expect(await typesOf(ofType)).toEqual(['reminder.missed'])
    expect(await typesOf(ofProject)).toEqual(['reminder.fired'])
    expect(sent.map(({ body }) => JSON.parse(body).data.resource)).toEqual([null, null])
  })

  test('a comment or reminder whose task is in another project by now is null', async () => {
    const project = (await ann.post('/api/v1/projects', { name: 'House' })).body
    const task = (await ann.post('/api/v1/tasks', { title: 'Sweep', project_id: project.id })).body
    await make({ project_id: project.id, event_types: ['comment.created', 'reminder.created'] })
    const add = async () => {
      await ann.post(`/api/v1/tasks/${task.id}/comments`, { text: 'Done?' })
      const trigger = { kind: 'instant', at: new Date(world.clock.now() + DAY).toISOString() }
      await ann.post(`/api/v1/tasks/${task.id}/reminders`, { trigger })
    }
    const resources = () => sent.map(({ body }) => JSON.parse(body).data.resource)
    await add()
    await deliver()
    const inProject = expect.objectContaining({ task_id: task.id })
    expect(resources()).toEqual([inProject, inProject])
    sent = []
    await add()
    const { project_id } = (await ann.post('/api/v1/tasks', { title: 'Inbox' })).body
    await ann.post(`/api/v1/tasks/${task.id}/move`, { project_id })
    await deliver()
    expect(resources()).toEqual([null, null])
  })

  test('more events in one batch than are looked at together', async () => {
    const webhook = await make()
    await happen(world, ann.id, { count: 20 })
    await happen(world, ann.id, { count: 300 })
    await happen(world, ann.id)
    await Promise.all([deliver(), deliver()])
    expect(new Set(ids()).size).toBe(321)
    expect(sent).toHaveLength(321)
    expect(await deliveries(webhook.id, '?status=delivered&limit=200')).toHaveLength(200)
  })

  test('what fails is tried again by the table, under the same id, and then has failed', async () => {
    const webhook = await make()
    answer = () => ({ status: 500, text: 'no\u0000 \ud800' })
    await happen(world, ann.id)
    await deliver()
    expect(sent).toHaveLength(1)
    for (const [nth, ms] of RETRIES_MS.entries()) {
      await advance(ms * 0.89)
      await deliver()
      expect(sent, `before retry ${nth}`).toHaveLength(nth + 1)
      await advance(ms * 0.22)
      await deliver()
      expect(sent, `retry ${nth}`).toHaveLength(nth + 2)
    }
    expect(new Set(ids()).size).toBe(1)
    const [delivery] = await deliveries(webhook.id, '?status=failed')
    expect(delivery).toMatchObject({
      attempts: RETRIES_MS.length + 1,
      response_status: 500,
      response_excerpt: 'no\ufffd \ufffd',
      error: 'it answered 500',
      next_attempt_at: null,
    })
    expect((await read(webhook.id)).failing_since).not.toBeNull()
    await advance(DAY)
    await deliver()
    expect(sent).toHaveLength(RETRIES_MS.length + 1)

    answer = () => ({ status: 204 })
    const again = await ann.post(`/api/v1/webhook-deliveries/${delivery.id}/replay`)
    expect(again.body).toMatchObject({ id: delivery.id, status: 'pending', attempts: 0 })
    await deliver()
    expect(new Set(ids()).size).toBe(1)
    expect((await ann.get(`/api/v1/webhook-deliveries/${delivery.id}`)).body).toMatchObject({
      status: 'delivered',
      attempts: 1,
      response_status: 204,
    })
    expect((await read(webhook.id)).failing_since).toBeNull()
  })

  test('a pause that the endpoint asks for is kept, a day at most', async () => {
    const webhook = await make()
    const pauseAfter = async (retryAfter: string) => {
      answer = () => ({ status: 503, retryAfter })
      const { body } = await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
      await deliver()
      const { next_attempt_at: next } = (await ann.get(`/api/v1/webhook-deliveries/${body.id}`))
        .body
      return Date.parse(next) - world.clock.now()
    }
    expect(await pauseAfter('3600')).toBe(HOUR)
    expect(await pauseAfter('999999999')).toBe(DAY)
    expect(await pauseAfter(new Date(world.clock.now() + 2 * HOUR).toUTCString())).toBeGreaterThan(
      HOUR,
    )
    expect(await pauseAfter('soon')).toBeLessThan(6_000)
  })

  test('a redirect and no answer fail', async () => {
    const webhook = await make()
    answer = () => ({ status: 302 })
    await happen(world, ann.id)
    await deliver()
    answer = () => {
      throw new SendFailure('no answer within ten seconds')
    }
    await happen(world, ann.id)
    await deliver()
    expect((await deliveries(webhook.id)).map((one: { error: string }) => one.error)).toEqual([
      'no answer within ten seconds',
      'it answered 302: redirects are not followed',
    ])
  })

  test('410 switches it off at once, and what waits fails', async () => {
    const webhook = await make()
    answer = () => ({ status: 500 })
    await happen(world, ann.id, { count: 3 })
    await deliver()
    await happen(world, ann.id)
    answer = () => ({ status: 410 })
    await deliver()
    expect(await read(webhook.id)).toMatchObject({ active: false, disabled_reason: 'gone' })
    const errors = (await deliveries(webhook.id)).map(
      ({ status, error }: Record<string, string>) => `${status}: ${error}`,
    )
    const off = 'failed: the webhook was switched off'
    expect(errors).toEqual(['failed: it answered 410', off, off, off])
    const test = await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
    expect([test.status, test.body.code]).toEqual([409, 'webhook_inactive'])
    await ann.patch(`/api/v1/webhooks/${webhook.id}`, { active: true })
    expect(await read(webhook.id)).toMatchObject({
      active: true,
      disabled_reason: null,
      disabled_at: null,
      failing_since: null,
    })
  })

  test('five days without a success switch it off; one within starts anew', async () => {
    const webhook = await make()
    const fail = async () => {
      answer = () => ({ status: 500 })
      await happen(world, ann.id)
      await deliver()
    }
    await fail()
    expect((await read(webhook.id)).failing_since).not.toBe(null)
    answer = () => ({ status: 200 })
    await happen(world, ann.id)
    await deliver()
    expect((await read(webhook.id)).failing_since).toBe(null)
    await fail()
    // After a quiet week one attempt is not enough.
    await advance(7 * DAY)
    await fail()
    expect((await read(webhook.id)).active).toBe(true)
    for (let attempt = 2; attempt <= RETRIES_MS.length + 1; attempt++) {
      await advance(DAY)
      await deliver()
    }
    expect(await read(webhook.id)).toMatchObject({ active: false, disabled_reason: 'failing' })
  })

  test('after a rotation both secrets sign for a day', async () => {
    const webhook = await make()
    const rotated = (await ann.post(`/api/v1/webhooks/${webhook.id}/rotate`)).body
    expect(rotated.secret).not.toBe(webhook.secret)
    await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
    await deliver()
    const [{ headers, body }] = sent as [SendRequest]
    const at = new Date(Number(headers['webhook-timestamp']) * 1000)
    const signatures = [rotated, webhook].map(({ secret }) =>
      new Verifier(secret).sign(headers['webhook-id'] ?? '', at, body),
    )
    expect(headers['webhook-signature']).toBe(signatures.join(' '))
    await advance(DAY)
    await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
    await deliver()
    expect(sent[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
  })

  test('a process that ends in the middle leaves it to the next one', async () => {
    const webhook = await make()
    const ending = new AbortController()
    answer = () => {
      ending.abort()
      throw new SendFailure('this process ended')
    }
    await happen(world, ann.id)
    const { signal } = ending
    await deliverDue({ ...world.deps, quotas: world.deps.config.quotas, signal })
    answer = () => ({ status: 200 })
    await deliver()
    expect(sent).toHaveLength(1)
    await advance(91_000)
    await deliver()
    expect(new Set(ids()).size).toBe(1)
    expect((await deliveries(webhook.id))[0]).toMatchObject({ status: 'delivered', attempts: 2 })
  })

  test('an endpoint that is behind gets no more than a thousand that wait', async () => {
    const webhook = await make()
    for (let i = 0; i < 6; i++) await happen(world, ann.id, { count: 250 })
    const expand = () => expandEvents({ ...world.deps, quotas: world.deps.config.quotas })
    const waiting = async () => {
      const of = `webhook_id = '${webhook.id}' and status = 'pending'`
      const count = `select count(*) as waiting from deliveries where ${of}`
      return Number(
        (await world.deps.db.one(rawQuery<{ waiting: number }>(count, ['waiting'])))?.waiting,
      )
    }
    for (let i = 0; i < 8; i++) await expand()
    expect(await waiting()).toBe(1_000)
    const refused = await ann.post(`/api/v1/webhooks/${webhook.id}/test`)
    expect([refused.status, refused.body.code]).toEqual([403, 'quota_exceeded'])
    const sentAll = { text: "update deliveries set status = 'delivered'", bind: () => [] }
    await world.deps.db.atomic([{ statement: sentAll, values: {} }])
    for (let i = 0; i < 8; i++) await expand()
    expect(await waiting()).toBe(500)
  })
})
