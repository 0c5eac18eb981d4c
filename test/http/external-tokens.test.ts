// Tokens of other issuers over HTTP, on both contracts.
import { SignJWT } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import type { Log } from '../../src/core/log.ts'
import { createKey, serveKeys } from '../features/account/credentials/key-server.ts'
import { createWorld } from '../support/world.ts'

const SECRET = 'a secret of at least thirty-two bytes'

const open = async (env: Record<string, string>) => {
  const logged: string[] = []
  const note: Log['error'] = (message, fields) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug: () => {}, info: () => {}, warning: note, error: note }
  const world = await createWorld({ env, log })
  onTestFinished(() => world.close())
  return { world, logged }
}
const paths = ['/api/v1/tasks', '/api/tasks', '/api/ada/tasks']

/** A server that has what Better Auth has: keys below the path of its API, and itself as its name. */
const betterAuth = async (published: () => unknown, path = '/api/auth') => {
  const notFound = { status: 404, body: '{}' }
  const server = await serveKeys((asked) => (asked === `${path}/jwks` ? published() : notFound))
  const { origin } = new URL(server.url)
  return { ...server, origin }
}

test.each([
  ['', '/api/auth'],
  ['/api/auth', '/api/auth'],
  ['/api/auth/', '/api/auth'],
  ['/accounts', '/accounts'],
])(
  'a Better Auth server at its origin%s has its keys below %s, and the origin for a name',
  async (path, api) => {
    const key = await createKey('one', { alg: 'EdDSA' })
    const { origin } = await betterAuth(() => [key.jwk], api)
    const { world } = await open({ BETTER_AUTH_URL: `${origin}${path}` })
    const token = (iss: string) => key.sign(world.clock.now(), { iss, aud: iss })
    const client = world.client(await token(origin))
    for (const at of paths) expect((await client.get(at)).status).toBe(200)
    const other = world.client(await token(`${origin}/api/auth`))
    for (const at of paths) expect((await other.get(at)).status).toBe(401)
  },
)

test('keys that are not where they are looked for are told as what they are, not as a bad token', async () => {
  const key = await createKey('one', { alg: 'EdDSA' })
  const { origin } = await betterAuth(() => [key.jwk])
  const { world, logged } = await open({ BETTER_AUTH_URL: `${origin}/auth` })
  const client = world.client(await key.sign(world.clock.now(), { iss: origin, aud: origin }))
  for (const at of paths) {
    const { status, body, headers } = await client.get(at)
    expect([status, body.code, headers.get('Retry-After')]).toEqual([503, 'unavailable', '60'])
    expect(body.detail).toMatch(/not set up right.*404.*operator/)
    expect(body.detail).not.toMatch(/try again/i)
    expect(headers.get('WWW-Authenticate')).toBeNull()
  }
  expect(logged.filter((line) => line.includes(`${origin}/auth/jwks`))).toEqual([
    expect.stringMatching(/correct BETTER_AUTH_URL or AUTH_JWKS_URL.*404/),
  ])
})

test('an issuer that is out of reach is 503 with Retry-After for its own tokens, and nobody else’s', async () => {
  const key = await createKey('one', { alg: 'EdDSA' })
  const { origin } = await betterAuth(() => undefined)
  const { world } = await open({ BETTER_AUTH_URL: origin, JWT_SECRET: SECRET })
  const sign = (iss: string) => key.sign(world.clock.now(), { iss, aud: iss })
  const [own, other] = [
    world.client(await sign(origin)),
    world.client(await sign('https://b.example')),
  ]
  const shared = world.client(
    await new SignJWT({ sub: 'ada', exp: Math.floor(world.clock.now() / 1000) + 600 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET)),
  )
  for (const at of paths) {
    const { status, body, headers } = await own.get(at)
    expect([status, body.code]).toEqual([503, 'unavailable'])
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await other.get(at)).status).toBe(401)
    expect((await shared.get(at)).status).toBe(200)
  }
})

test.each(['BETTER_AUTH_SECRET', 'JWT_SECRET', 'JWT_SECRET_KEY', 'SECRET_KEY'])(
  'with %s, tokens with an address in sub reach the tasks of their id on both contracts',
  async (name) => {
    const { world } = await open({ [name]: SECRET })
    const client = async (claims: Record<string, unknown>) =>
      world.client(
        await new SignJWT({ exp: Math.floor(world.clock.now() / 1000) + 600, ...claims })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode(SECRET)),
      )
    const [ada, eve] = [
      await client({ sub: 'ada@example.org', user_id: 7 }),
      await client({ sub: 'ada@example.org', user_id: 8 }),
    ]
    const made = await ada.post('/api/7/tasks', { title: 'Milk' })
    expect(made.status).toBe(201)
    const titles = async (from: typeof ada, at: string) => {
      const { status, body } = await from.get(at)
      return status === 200
        ? (body.items ?? body).map(({ title }: { title: string }) => title)
        : status
    }
    for (const at of ['/api/7/tasks', '/api/tasks', '/api/v1/tasks']) {
      expect(await titles(ada, at)).toEqual(['Milk'])
      expect(await titles(await client({ userId: '7', sub: 'new@example.org' }), at)).toEqual([
        'Milk',
      ])
    }
    expect(await titles(eve, '/api/7/tasks')).toBe(403)
    expect(await titles(eve, '/api/ada%40example.org/tasks')).toBe(403)
    for (const at of ['/api/8/tasks', '/api/tasks', '/api/v1/tasks'])
      expect(await titles(eve, at)).toEqual([])
    expect((await eve.patch(`/api/8/tasks/${made.body.id}/complete`, {})).status).toBe(404)
    expect((await ada.get(`/api/7/tasks/${made.body.id}`)).body).toMatchObject({
      title: 'Milk',
      completed: false,
    })
    for (const claims of [
      { sub: '7', user_id: 8 },
      { sub: 'ada@example.org', user_id: 7, id: 8 },
    ])
      expect(await titles(await client(claims), '/api/v1/tasks')).toBe(401)
  },
)
