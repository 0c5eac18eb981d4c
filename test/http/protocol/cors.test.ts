// Pages of other origins: with credentials where the configuration names the origin, and with
// whatever headers their libraries add.
import { describe, expect, test } from 'vitest'
import type { World } from '../../support/world.ts'
import { openWith } from './open.ts'

const preflight = (world: World, origin: string, asked?: string) =>
  world.fetch('/api/v1/tasks', {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      ...(asked !== undefined && { 'Access-Control-Request-Headers': asked }),
    },
  })
const namesIn = (headers: Headers, name: string) => (headers.get(name) ?? '').split(', ')

describe('CORS', () => {
  test('an origin that fits a pattern may call with credentials, another one may not call', async () => {
    const { world, ann } = await openWith({
      CORS_ORIGINS:
        'https://*.vercel.app, http://localhost:*,https://shop-*.pages.example.org,https://*.example.net:8443,http://[::1]:*',
    })
    const may = [
      'https://x.vercel.app',
      'https://my-app-git-main-team.vercel.app',
      'https://a.b.vercel.app',
      'http://localhost',
      'http://localhost:3000',
      'http://localhost:5173',
      'https://shop-7.pages.example.org',
      'https://a.example.net:8443',
      'http://[::1]:4321',
    ]
    const mayNot = [
      'https://vercel.app',
      'https://evil-vercel.app',
      'https://x.vercel.app.evil.com',
      'https://x.vercel.app:8443',
      'https://evil.com/.vercel.app',
      'https://evil.com#.vercel.app',
      'https://evil.com\\.vercel.app',
      'https://.vercel.app',
      'https://a..vercel.app',
      'https://xXvercel.app',
      'http://x.vercel.app',
      'https://x.vercel.app/',
      'https://localhost:3000',
      'http://localhost:3000.evil.com',
      'http://localhost:evil',
      'http://localhost.evil.com',
      'http://evil.localhost:3000',
      'https://shop-.pages.example.org',
      'https://shop-a.b.pages.example.org',
      'https://evil.shop-a.pages.example.org',
      'https://a.example.net',
      `https://${'a.'.repeat(200)}vercel.app`,
      'null',
      '*',
    ]
    for (const origin of [...may, ...mayNot]) {
      const allowed = may.includes(origin)
      const credentials = allowed ? 'true' : null
      for (const { headers } of [
        await preflight(world, origin),
        await ann.get('/api/v1/me', { Origin: origin }),
        await ann.post('/api/v1/tasks', {}, { Origin: origin }),
        await world.anonymous.get('/api/v1/nothing', { Origin: origin }),
        await world.anonymous.get('/openapi.json', { Origin: origin, 'If-None-Match': '*' }),
      ]) {
        expect(headers.get('Access-Control-Allow-Origin'), origin).toBe(allowed ? origin : null)
        expect(headers.get('Access-Control-Allow-Credentials'), origin).toBe(credentials)
        expect(namesIn(headers, 'Vary'), origin).toContain('Origin')
      }
    }
    expect(namesIn((await ann.get('/api/v1/me')).headers, 'Vary')).toContain('Origin')
  })

  test('a preflight allows the headers that it asks for, and those of the API', async () => {
    for (const env of [{}, { CORS_ORIGINS: 'https://app.example.org' }]) {
      const { world } = await openWith(env)
      const ask = async (asked?: string) => {
        const { status, headers } = await preflight(world, 'https://app.example.org', asked)
        expect(status).toBe(204)
        expect(namesIn(headers, 'Vary')).toContain('Access-Control-Request-Headers')
        expect(headers.get('Access-Control-Allow-Methods')).toContain('PATCH')
        return namesIn(headers, 'Access-Control-Allow-Headers').map((name) => name.toLowerCase())
      }
      const own = await ask()
      expect(own).toEqual(expect.arrayContaining(['authorization', 'if-match', 'idempotency-key']))
      const others =
        'authorization,baggage,content-type,idempotency-key,if-match,sentry-trace,traceparent,tracestate,x-requested-with,x-datadog-trace-id'
      expect(await ask(others)).toEqual(expect.arrayContaining(others.split(',')))
      expect(await ask(' x-b3,X-B3,  ,Accept')).toEqual([...own, 'x-b3', 'accept'])
      expect(await ask('a b, c;d, "e", ok')).toEqual([...own, 'ok'])
    }
  })
})
