import { describe, expect, test } from 'vitest'
import type { Answer, World } from '../../support/world.ts'
import { coded, type Headers, open } from './open.ts'

describe('rate limits', () => {
  const limited = (env: Headers) => open({ env: { RATE_LIMIT: 'on', ...env } })
  const from = (...addresses: string[]): Headers => ({ 'X-Forwarded-For': addresses.join(', ') })
  const signIn = (world: World, email: string, headers: Headers = {}) =>
    world.anonymous.post('/api/v1/auth/login', { email, password: 'a guess' }, headers)
  const statuses = async (requests: (() => Promise<Answer>)[]) => {
    const found: number[] = []
    for (const request of requests) found.push((await request()).status)
    return found
  }

  test('wrong sign-ins per address: the one too many is 429 and says when to come back', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' })
    const answers = [
      await signIn(world, 'a@example.org'),
      await signIn(world, 'b@example.org'),
      await signIn(world, 'c@example.org'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(
      answers.map(
        ({ headers }) => headers.get('RateLimit')?.match(/^"sign-in-network";r=(\d+);t=\d+$/)?.[1],
      ),
    ).toEqual(['2', '1', '0'])
    const refused = await signIn(world, 'd@example.org')
    expect(coded(refused)).toEqual([429, 'rate_limited'])
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(60)
    expect(refused.headers.get('RateLimit-Policy')).toBe('"sign-in-network";q=3;w=60')
    expect(refused.headers.get('RateLimit')).toMatch(/^"sign-in-network";r=0;t=\d+$/)
  })

  test('registrations per address, apart from sign-ins', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' })
    const register = (name: string) => () =>
      world.anonymous.post('/api/v1/auth/register', {
        email: `${name}@example.org`,
        password: 'a heron on the pier',
      })
    expect(await statuses([register('a'), register('b'), register('a'), register('d')])).toEqual([
      201, 201, 409, 429,
    ])
    expect((await register('d')()).headers.get('RateLimit-Policy')).toBe('"registration";q=3;w=60')
    expect((await signIn(world, 'a@example.org')).status).toBe(401)
  })

  test('wrong sign-ins per account and address, however the account is written', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '2', TRUSTED_HOPS: '1' })
    const here = from('10.0.0.1')
    const [first, second] = [
      await signIn(world, 'ann@example.org', here),
      await signIn(world, 'ANN@example.org', here),
    ]
    const third = await signIn(world, ' ann@EXAMPLE.org', here)
    expect([first.status, second.status, ...coded(third)]).toEqual([401, 401, 429, 'rate_limited'])
    expect(third.headers.get('RateLimit-Policy')).toBe('"sign-in-account";q=2;w=900')
    expect(Number(third.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
    expect((await signIn(world, 'bob@example.org', here)).status, 'another account').toBe(401)
    expect(
      (await signIn(world, 'ann@example.org', from('10.0.0.2'))).status,
      'another address',
    ).toBe(401)
  })

  test('the present password is not for guessing either', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '2' })
    const ann = await world.register('Ann')
    const guess = () =>
      ann.put('/api/v1/me/password', {
        current_password: 'a guess',
        new_password: 'a heron on the pier',
      })
    const remove = () => ann.send('DELETE', '/api/v1/me', { password: 'a guess' })
    expect(await statuses([guess, remove, guess, remove])).toEqual([422, 422, 429, 429])
    expect((await ann.get('/api/v1/me')).status).toBe(200)
  })

  test('everything else per user, with every credential of theirs; others are not in the way', async () => {
    const world = await limited({ RATE_LIMIT_PER_USER: '4' })
    const [ann, bob] = [await world.register('Ann'), await world.register('Bob')]
    const { body } = await ann.post('/api/v1/api-keys', {
      name: 'Phone',
      scopes: ['account:read', 'tasks:read'],
    })
    const key = world.client(body.key)
    expect(
      await statuses([
        () => ann.get('/api/v1/me'),
        () => key.get('/api/v1/tasks'),
        () => ann.get(`/api/${ann.id}/tasks`),
      ]),
    ).toEqual([200, 200, 200])
    const refused = [
      await ann.get('/api/v1/me', from('10.0.0.9')),
      await key.get('/api/v1/me'),
      await key.get(`/api/${ann.id}/tasks`),
    ]
    expect(refused.map(coded)).toEqual(refused.map(() => [429, 'rate_limited']))
    for (const { headers } of refused)
      expect([headers.get('RateLimit-Policy'), headers.get('Retry-After')]).toEqual([
        '"caller";q=4;w=60',
        expect.stringMatching(/^[1-9]\d?$/),
      ])
    expect((await bob.get('/api/v1/me')).status).toBe(200)
  })

  test('refreshing per address', async () => {
    const world = await limited({ RATE_LIMIT_PER_USER: '2' })
    const refresh = () => world.anonymous.post('/api/v1/auth/refresh', { refresh_token: 'none' })
    expect(await statuses([refresh, refresh, refresh])).toEqual([401, 401, 429])
  })

  // Each row: the proxies that are trusted, who sends twice and who sends then (as the proxies tell
  // it), and whether they are taken for the same caller.
  test.each([
    ['0', '10.0.0.1', '10.0.0.2', true],
    ['0', '10.0.0.1, 10.0.0.2', '', true],
    ['1', '10.0.0.1', '10.0.0.2', false],
    ['1', '10.9.9.9, 10.0.0.1', '10.8.8.8, 10.0.0.1', true],
    ['1', '10.0.0.1, 10.7.7.7', '10.0.0.1, 10.6.6.6', false],
    ['1', '10.0.0.1,  ,, 10.0.0.2', '10.0.0.2', true],
    ['1', '', '', true],
    ['2', '10.9.9.9, 10.0.0.1, 10.7.7.7', '10.8.8.8, 10.0.0.1, 10.6.6.6', true],
    ['2', '10.0.0.1, 10.7.7.7', '10.0.0.2, 10.7.7.7', false],
    ['2', '10.5.5.5, 10.0.0.1, 10.7.7.7', '10.0.0.1, 10.7.7.7', true],
  ])(
    'behind %s trusted proxies, "%s" and "%s" are the same caller: %s',
    async (hops, before, then, same) => {
      const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '2', TRUSTED_HOPS: hops })
      const sender = (addresses: string) => (addresses === '' ? {} : from(addresses))
      const sent = await statuses([
        () => signIn(world, 'a@example.org', sender(before)),
        () => signIn(world, 'b@example.org', sender(before)),
        () => signIn(world, 'c@example.org', sender(then)),
      ])
      expect(sent).toEqual([401, 401, same ? 429 : 401])
    },
  )

  test('switched off there are none', async () => {
    const world = await open({
      env: {
        RATE_LIMIT: 'off',
        RATE_LIMIT_SIGN_IN_PER_ADDRESS: '1',
        RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '1',
      },
    })
    const guess = () => signIn(world, 'a@example.org')
    expect(await statuses([guess, guess, guess])).toEqual([401, 401, 401])
    expect((await guess()).headers.get('RateLimit')).toBeNull()
  })
})
