import { expect, test } from 'vitest'
import { createWorld } from './support/world.ts'

test('smoke', async () => {
  const w = await createWorld()
  const a = await w.anonymous.post(
    '/api/v1/auth/register',
    { email: 'ada@example.org', password: 'a heron on the pier' },
    { 'User-Agent': 'x'.repeat(400) },
  )
  const c = w.client(a.body.access_token)
  for (const [m, p, b, h] of [
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read'] }, { 'Idempotency-Key': 'a' }],
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read'] }, { 'Idempotency-Key': 'a' }],
    ['POST', '/api-keys', { name: 'k', scopes: [] }],
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read', 'tasks:read'] }],
    ['POST', '/api-keys', { name: 'k', scopes: ['x'], expires_at: 'soon' }],
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read'], expires_at: '2030-02-30T00:00:00Z' }],
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read'], expires_at: '0000-01-01T00:00:00+14:00' }],
    ['POST', '/api-keys', { name: 'k', scopes: ['tasks:read'], expires_at: '9998-12-31T23:59:59-23:59' }],
    ['GET', '/api-keys?limit=1'],
    ['GET', '/auth/sessions'],
    ['GET', '/auth/sessions?cursor=x'],
    ['POST', '/auth/refresh', { refresh_token: a.body.refresh_token }],
    ['POST', '/auth/refresh', { refresh_token: 'x' }],
    ['PUT', '/me/password', { current_password: 'x', new_password: 'a heron on the pier' }],
    ['PUT', '/me/password', { current_password: 'a heron on the pier', new_password: 'two herons on the pier' }],
    ['DELETE', '/me'],
    ['DELETE', '/me', { password: 'x' }],
    ['DELETE', '/me', { password: 'two herons on the pier' }],
    ['GET', '/me'],
  ] as [string, string, unknown, Record<string, string>][]) {
    const r = await c.send(m, `/api/v1${p}`, b, h)
    console.log(m, p, r.status, r.text.slice(0, 430))
    expect(r.status).toBeLessThan(500)
  }
  await w.close()
})
