import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, createWorld, type World } from '../../support/world.ts'

const secret = 'a secret of at least thirty-two bytes'
const keys = await generateKeyPair('EdDSA')
const jwks: Server = createServer(async (_, response) =>
  response.setHeader('Content-Type', 'application/json').end(
    JSON.stringify({
      keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'EdDSA' }],
    }),
  ),
)

let world: World
let url: string
let strangers = 0
beforeAll(async () => {
  await new Promise<void>((listening) => jwks.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`
  world = await createWorld({
    env: {
      BETTER_AUTH_SECRET: secret,
      AUTH_JWKS_URL: `${url}/jwks`,
      AUTH_ISSUER: url,
      AUTH_AUDIENCE: url,
    },
  })
})
afterAll(async () => {
  await world.close()
  jwks.close()
})

const expires = () => Math.floor(world.clock.now() / 1000) + 600
const shared = async (subject: string): Promise<Client> =>
  world.client(
    await new SignJWT({ user_id: subject, exp: expires() })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(secret)),
  )
const published = async (subject: string): Promise<Client> =>
  world.client(
    await new SignJWT({ sub: subject, iss: url, aud: url, exp: expires() })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'one' })
      .sign(keys.privateKey),
  )
const own = async (name: string): Promise<[Client, string]> => {
  const user = await world.register(name)
  return [user, user.id]
}

describe.each([
  [
    'an HS256 token whose claim is user_id',
    async () => [await shared('user/42 ü'), 'user/42 ü'] as [Client, string],
  ],
  [
    'a JWKS token whose claim is sub',
    async () => [await published('subject-7'), 'subject-7'] as [Client, string],
  ],
  ['a session of our own', () => own('Olga')],
])('the original contract with %s', (_, signIn) => {
  let client: Client
  let subject: string
  let tasks: string
  beforeAll(async () => {
    ;[client, subject] = await signIn()
    tasks = `/api/${encodeURIComponent(subject)}/tasks`
  })

  test('its six operations answer as they did', async () => {
    expect((await client.get(tasks)).body).toEqual([])
    const created = await client.post(tasks, {
      title: 'Milk',
      description: 'two litres',
      user_id: 'ignored',
      nonsense: 1,
    })
    expect(created.status).toBe(201)
    expect(Object.keys(created.body)).toEqual(
      expect.arrayContaining([
        'created_at',
        'description',
        'id',
        'status',
        'title',
        'updated_at',
        'user_id',
      ]),
    )
    expect(created.body).toMatchObject({
      title: 'Milk',
      description: 'two litres',
      status: 'pending',
      user_id: subject,
    })
    const task = `${tasks}/${created.body.id}`
    expect((await client.get(task)).body).toEqual(created.body)
    const renamed = await client.put(task, { title: 'Oat milk' })
    expect([renamed.status, renamed.body.title, renamed.body.description]).toEqual([
      200,
      'Oat milk',
      'two litres',
    ])
    expect((await client.patch(`${task}/complete`, undefined)).body.status).toBe('completed')
    expect(
      (await client.get(`${tasks}?status=completed`)).body.map((t: { id: string }) => t.id),
    ).toEqual([created.body.id])
    expect((await client.get(`${tasks}?status=pending`)).body).toEqual([])
    expect((await client.patch(`${task}/complete`, undefined)).body.status).toBe('pending')
    expect((await client.patch(`${task}/complete`, { completed: true })).body.status).toBe(
      'completed',
    )
    expect((await client.patch(`${task}/complete`, { completed: true })).body.status).toBe(
      'completed',
    )
    expect((await client.get(`${tasks}?status=all`)).body).toHaveLength(1)
    const deleted = await client.delete(task)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await client.get(task)).status).toBe(404)
    expect((await client.delete(task)).status).toBe(404)
  })

  test('it refuses as it did, with a detail', async () => {
    const { body } = await client.post(tasks, { title: 'Mine' })
    const answers = {
      blank: await client.post(tasks, { title: '   ' }),
      missing: await client.post(tasks, {}),
      status: await client.get(`${tasks}?status=open`),
      other: await client.get('/api/somebody-else/tasks'),
      malformed: await client.get(`${tasks}/17`),
      unknown: await client.get(`${tasks}/0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f`),
      anonymous: await world.anonymous.get(tasks),
    }
    expect(
      Object.fromEntries(Object.entries(answers).map(([name, { status }]) => [name, status])),
    ).toEqual({
      blank: 400,
      missing: 400,
      status: 400,
      other: 403,
      malformed: 404,
      unknown: 404,
      anonymous: 401,
    })
    for (const { body, headers } of Object.values(answers)) {
      expect(body.detail).toEqual(expect.stringMatching(/\w/))
      expect([body.error, body.message]).toEqual([body.detail, body.detail])
      expect(headers.get('content-type')).toBe('application/json')
    }
    const stranger = await world.register(`Stranger${strangers++}`)
    expect((await stranger.get(`/api/${stranger.id}/tasks/${body.id}`)).status).toBe(404)
    expect((await stranger.get(`${tasks}/${body.id}`)).status).toBe(403)
  })

  test('a long list arrives whole', async () => {
    const before = (await client.get(tasks)).body.length
    for (let i = 0; i < 401; i++) await client.post('/api/v1/tasks', { title: `Task ${i}` })
    const { body } = await client.get(tasks)
    expect(new Set(body.map((task: { id: string }) => task.id)).size).toBe(before + 401)
    expect(body[0].title).toBe('Task 400')
  })

  test('in_progress reads as pending and cancelled as completed, for a task of the new contract', async () => {
    const { id } = (await client.post('/api/v1/tasks', { title: 'Both', status: 'in_progress' }))
      .body
    expect((await client.get(`${tasks}/${id}`)).body.status).toBe('pending')
    await client.patch(`/api/v1/tasks/${id}`, { status: 'cancelled' })
    expect((await client.get(`${tasks}/${id}`)).body.status).toBe('completed')
    expect(
      (await client.get(`${tasks}?status=completed`)).body.map((t: { id: string }) => t.id),
    ).toContain(id)
    expect((await client.patch(`${tasks}/${id}/complete`, undefined)).body.status).toBe('pending')
  })
})

test('what reads the task first takes a key that may read, too', async () => {
  const ann = await world.register('Reader')
  const tasks = `/api/${ann.id}/tasks`
  const { id } = (await ann.post(tasks, { title: 'Sweep' })).body
  const body = { name: 'Writes', scopes: ['tasks:write'] }
  const writer = world.client((await ann.post('/api/v1/api-keys', body)).body.key)
  const answers = [
    await writer.put(`${tasks}/${id}`, { title: 'Swept' }),
    await writer.patch(`${tasks}/${id}/complete`, { completed: true }),
    await writer.delete(`${tasks}/${id}`),
  ]
  for (const answer of answers)
    expect([answer.status, answer.body.detail]).toEqual([
      403,
      'The API key lacks the scope tasks:read.',
    ])
  expect((await writer.post(tasks, { title: 'Sweep' })).status).toBe(201)
  expect((await ann.get(`${tasks}/${id}`)).body).toMatchObject({
    title: 'Sweep',
    status: 'pending',
  })
})
