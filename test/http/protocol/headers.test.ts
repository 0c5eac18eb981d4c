import { describe, expect, test } from 'vitest'
import type { Answer, User, World } from '../../support/world.ts'
import { type Headers, openWith, operationsIn, UNKNOWN, withUnknownId } from './open.ts'

describe('headers', () => {
  test('a request id is taken where it is well-formed, else made; problems repeat it', async () => {
    const { world, ann } = await openWith()
    const idOf = async (given?: string) => {
      const { headers, body } = await ann.get(
        '/api/v1/nothing',
        given === undefined ? {} : { 'X-Request-Id': given },
      )
      expect(body.request_id).toBe(headers.get('X-Request-Id'))
      return body.request_id
    }
    for (const given of ['abc', 'a.b:c-d_e', 'x'.repeat(128)]) expect(await idOf(given)).toBe(given)
    const made = [
      await idOf(),
      await idOf(),
      ...(await Promise.all(['', 'a b', 'é', 'x'.repeat(129), '{}', '"'].map(idOf))),
    ]
    expect(new Set(made).size).toBe(made.length)
    for (const id of made) expect(id).toMatch(/^[\w.:-]{1,128}$/)
    for (const path of [
      '/',
      '/docs',
      '/health',
      '/openapi.json',
      '/api/v1/me',
      '/api/v1/auth/login',
      `/api/${ann.id}/tasks`,
    ])
      expect(
        (
          await world.fetch(path, { headers: { ...ann.headers, 'X-Request-Id': 'mine' } })
        ).headers.get('X-Request-Id'),
        path,
      ).toBe('mine')
  })

  test('no cache keeps tokens, sessions and keys; none shares the rest', async () => {
    const { world, ann } = await openWith()
    for (const { path, operationId } of operationsIn(world).filter(
      ({ method }) => method === 'GET',
    )) {
      const secret = ['/auth', '/api-keys', '/export'].some((place) =>
        path.startsWith(`/api/v1${place}`),
      )
      for (const client of [ann, world.anonymous])
        expect(
          // Streams say besides that nothing on the way may gather them.
          (await client.get(withUnknownId(path))).headers
            .get('Cache-Control')
            ?.replace(/, no-transform$/, ''),
          operationId,
        ).toBe(secret ? 'no-store' : 'private, no-cache')
    }
    const { email, password } = ann
    expect(
      (await world.anonymous.post('/api/v1/auth/login', { email, password })).headers.get(
        'Cache-Control',
      ),
    ).toBe('no-store')
    const key = await ann.post('/api/v1/api-keys', { name: 'Phone', scopes: ['tasks:read'] })
    expect([key.status, key.headers.get('Cache-Control')]).toEqual([201, 'no-store'])
  })

  const exposed = [
    'ETag',
    'Link',
    'Location',
    'Retry-After',
    'X-Request-Id',
    'RateLimit',
    'RateLimit-Policy',
  ]
  const asked = [
    'Authorization',
    'X-API-Key',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'X-Request-Id',
  ]
  const page = { Origin: 'https://app.example.org' }
  const answersTo = async (world: World, ann: User, headers: Headers): Promise<Answer[]> => [
    await ann.get('/api/v1/me', headers),
    await ann.post('/api/v1/tasks', {}, headers),
    await ann.get(`/api/v1/tasks/${UNKNOWN}`, headers),
    await ann.get(`/api/${ann.id}/tasks`, headers),
    await world.anonymous.get('/api/v1/me', headers),
    await world.anonymous.get('/api/v1/nothing', headers),
    await world.anonymous.delete('/api/v1/tasks', headers),
    await world.anonymous.get('/status', headers),
  ]
  const preflight = (world: World, path: string, origin = page.Origin) =>
    world.fetch(path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'authorization,if-match',
      },
    })

  test('pages of every origin may call, without credentials, and see the headers that they need', async () => {
    const { world, ann } = await openWith()
    for (const { headers, status } of await answersTo(world, ann, page)) {
      expect(headers.get('Access-Control-Allow-Origin'), String(status)).toBe('*')
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
      expect(headers.get('Access-Control-Expose-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(exposed),
      )
    }
    for (const { path } of [
      ...operationsIn(world),
      { path: `/api/${ann.id}/tasks` },
      { path: '/api/v1/nothing' },
    ]) {
      const { status, headers } = await preflight(world, withUnknownId(path))
      expect(
        [
          status,
          headers.get('Access-Control-Allow-Origin'),
          headers.get('Access-Control-Allow-Credentials'),
        ],
        path,
      ).toEqual([204, '*', null])
      expect(headers.get('Access-Control-Allow-Methods')?.split(', ')).toEqual(
        expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      )
      expect(headers.get('Access-Control-Allow-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(asked),
      )
    }
  })

  test('CORS_ORIGINS narrows them to those that it names', async () => {
    const { world, ann } = await openWith({
      CORS_ORIGINS: 'https://app.example.org,http://localhost:3000',
    })
    for (const { headers, status } of await answersTo(world, ann, page)) {
      expect(headers.get('Access-Control-Allow-Origin'), String(status)).toBe(
        'https://app.example.org',
      )
      expect(headers.get('Vary')).toMatch(/\bOrigin\b/)
      expect(headers.get('Access-Control-Expose-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(exposed),
      )
    }
    for (const origin of [
      'https://evil.example',
      'https://app.example.org.evil.example',
      'http://app.example.org',
      'https://app.example.org:444',
      'null',
    ]) {
      for (const { headers } of await answersTo(world, ann, { Origin: origin }))
        expect([headers.get('Access-Control-Allow-Origin'), headers.get('Vary')], origin).toEqual([
          null,
          expect.stringContaining('Origin'),
        ])
      expect(
        (await preflight(world, '/api/v1/tasks', origin)).headers.get(
          'Access-Control-Allow-Origin',
        ),
        origin,
      ).toBeNull()
    }
    expect(
      (await preflight(world, '/api/v1/tasks')).headers.get('Access-Control-Allow-Origin'),
    ).toBe('https://app.example.org')
  })
})
