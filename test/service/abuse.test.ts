// What somebody with bad intentions tried, each once.
import type { Context } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepReceipt } from '../../src/core/idempotency-records.ts'
import { fold } from '../../src/core/text.ts'
import { callerNetworks } from '../../src/http/address.ts'
import { createWorld, type User, type World } from '../support/world.ts'

let world: World
let ann: User
beforeAll(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterAll(() => world.close())

const keyWith = async (...scopes: string[]) =>
  world.client((await ann.post('/api/v1/api-keys', { name: 'k', scopes })).body.key)

test('runs of combining marks are cut before they are sorted, which takes the square of their length', () => {
  expect(
    [...fold(`a${'\u0301'.repeat(50_000)}${'\u0316'.repeat(50_000)}`)].length,
  ).toBeLessThanOrEqual(31)
  expect(fold('Ａ\u0301 Ünï')).toBe('á ünï')
})

test('nobody has more receipts kept than ten thousand', async () => {
  const bea = await world.register('Bea')
  const create = (key: string) =>
    bea.post('/api/v1/tasks', { title: 'Again' }, { 'Idempotency-Key': key })
  expect((await create('first')).status).toBe(201)
  const ctx = {
    ...world.deps,
    actor: { kind: 'user', userId: bea.id, subject: bea.id },
    quotas: world.deps.config.quotas,
  } as never
  const receipt = { fingerprint: '', status: 201, headers: {}, body: '' }
  // Ten at a time: D1's simulator hangs up when it is sent thousands of statements at once.
  for (let i = 0; i < 9_990; i += 10)
    await world.deps.db.atomic(
      Array.from({ length: 10 }, (_, j) => keepReceipt(ctx, `filled ${i + j}`, receipt)),
    )
  const other = await createWorld({
    open: async () => ({ db: { ...world.deps.db }, close: async () => {} }),
    clock: world.clock,
  })
  const there = other.client(bea.token)
  const statuses: number[] = []
  for (let i = 0; i < 12; i++)
    statuses.push(
      (
        await there.post(
          '/api/v1/tasks',
          { title: 'Again' },
          { 'Idempotency-Key': `one more ${i}` },
        )
      ).status,
    )
  expect(statuses).toEqual([...Array(9).fill(201), ...Array(3).fill(403)])
  // What was answered before is answered again.
  expect((await create('first')).headers.get('Idempotency-Replayed')).toBe('true')
})

test('an answer is replayed to nobody whose credential could not have made the request', async () => {
  const task = (await ann.post('/api/v1/tasks', { title: 'Secret', description: 'confidential' }))
    .body
  const key = { 'Idempotency-Key': 'done' }
  expect((await ann.post(`/api/v1/tasks/${task.id}/complete`, undefined, key)).status).toBe(200)
  expect(
    (await ann.post('/api/v1/api-keys', { name: 'mine', scopes: ['tasks:read'] }, key)).status,
  ).toBe(201)
  const reader = await keyWith('labels:read')
  const answers = [
    await reader.post(`/api/v1/tasks/${task.id}/complete`, undefined, key),
    await reader.post('/api/v1/api-keys', { name: 'mine', scopes: ['tasks:read'] }, key),
    await reader.post('/api/v1/tasks', 'not even json', key),
  ]
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [403, 'insufficient_scope'],
    [403, 'session_required'],
    [403, 'insufficient_scope'],
  ])
})

test('an API key cannot use up its owner’s attempts to change the password', async () => {
  const limited = await createWorld({ env: { RATE_LIMIT: 'on' } })
  try {
    const bob = await limited.register('Bob')
    const { body } = await bob.post('/api/v1/api-keys', { name: 'k', scopes: ['labels:read'] })
    for (let i = 0; i < 12; i++)
      expect(
        (await limited.client(body.key).send('DELETE', '/api/v1/me', { password: 'x' })).status,
      ).toBe(403)
    expect(
      (
        await bob.put('/api/v1/me/password', {
          current_password: bob.password,
          new_password: 'two herons on the pier',
        })
      ).status,
    ).toBe(204)
  } finally {
    await limited.close()
  }
})

test('what anybody may send is small, and faults are not counted without end', async () => {
  const many = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 1]))
  expect((await world.anonymous.post('/api/v1/auth/refresh', many)).status).toBe(413)
  const { status, body } = await ann.post('/api/v1/tasks', many)
  expect([status, body.errors.length]).toEqual([422, 20])
  expect(
    (
      await ann.post('/api/v1/api-keys', {
        name: 'k',
        scopes: Array.from({ length: 100_000 }, () => 1),
      })
    ).status,
  ).toBe(422)
})

test('control characters, which JSON writes six times as long, are refused in texts', async () => {
  const { status, body } = await ann.post('/api/v1/tasks', { title: 'x', description: `a\u0001` })
  expect([status, body.errors[0].code]).toEqual([422, 'control_character'])
  expect((await ann.post('/api/v1/tasks', { title: 'x', description: 'a\tb\r\nc' })).status).toBe(
    201,
  )
})

test.each([
  ['203.0.113.7', ['203.0.113.7']],
  ['203.0.113.7:40001', ['203.0.113.7']],
  ['::ffff:203.0.113.7', ['203.0.113.7']],
  ['::FFFF:cb00:7107', ['203.0.113.7']],
  ['[0:0:0:0:0:ffff:203.0.113.7]:443', ['203.0.113.7']],
  ['2001:db8:1:2::1', ['2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48']],
  [
    '2001:0DB8:0001:a2b3:ffff:1:2:3',
    ['2001:db8:1:a2b3::/64', '2001:db8:1:a200::/56', '2001:db8:1::/48'],
  ],
  ['[2001:db8:1:2::9]:443', ['2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48']],
  ['64:ff9b::203.0.113.7', ['64:ff9b:0:0::/64', '64:ff9b:0:0::/56', '64:ff9b:0::/48']],
  ['::1', ['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0::/48']],
  ['fe80::1%eth0', ['fe80:0:0:0::/64', 'fe80:0:0:0::/56', 'fe80:0:0::/48']],
  ['not an address', ['198.51.100.1']],
  ['203.0.113.256', ['198.51.100.1']],
  ['1:2:3:4:5:6:7:8:9', ['198.51.100.1']],
  ['1::2::3', ['198.51.100.1']],
  ['1:2:3:4:5:6:7', ['198.51.100.1']],
  ['12345::', ['198.51.100.1']],
])('a limit counts %s as %j', (forwarded, counted) => {
  const context = { req: { header: () => `1.2.3.4, ${forwarded}` } } as unknown as Context
  expect(callerNetworks(context, () => '198.51.100.1', 1)).toEqual(counted)
  expect(callerNetworks(context, () => '198.51.100.1', 0)).toEqual(['198.51.100.1'])
})
