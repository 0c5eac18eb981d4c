import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/** Who is calling. */
export const accounts = (service: () => Service): void => {
  test('register, sign in, refresh, sign out', async () => {
    const { anonymous, client, register } = service()
    const ada = await register('Ada')
    const { email, password } = ada
    expect((await ada.get('/api/v1/me')).body).toMatchObject({
      id: ada.id,
      email: 'ada@example.org',
      name: 'Ada',
    })
    expect(
      (await anonymous.post('/api/v1/auth/register', { email: 'ADA@example.org', password })).body
        .code,
    ).toBe('email_taken')
    expect(
      (await anonymous.post('/api/v1/auth/login', { email, password: 'not hers' })).status,
    ).toBe(401)
    const signedIn = await anonymous.post('/api/v1/auth/login', { email, password })
    expect([signedIn.status, signedIn.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    const next = await anonymous.post('/api/v1/auth/refresh', {
      refresh_token: signedIn.body.refresh_token,
    })
    expect(next.status).toBe(200)
    expect(next.body.refresh_token).not.toBe(signedIn.body.refresh_token)
    const again = client(next.body.access_token)
    expect((await again.get('/api/v1/auth/sessions')).body.items).toHaveLength(2)
    expect((await again.post('/api/v1/auth/logout')).status).toBe(204)
    expect((await again.get('/api/v1/me')).status).toBe(401)
    expect(
      (await anonymous.post('/api/v1/auth/refresh', { refresh_token: next.body.refresh_token }))
        .status,
    ).toBe(401)
    expect((await ada.get('/api/v1/me')).status).toBe(200)
  })

  test('an API key does what its scopes say until it is deleted', async () => {
    const { client, register } = service()
    const bob = await register('Bob')
    const made = await bob.post('/api/v1/api-keys', { name: 'Phone', scopes: ['tasks:read'] })
    expect([made.status, made.headers.get('Cache-Control')]).toEqual([201, 'no-store'])
    const { id, key } = made.body
    const phone = client(key)
    expect((await phone.get('/api/v1/tasks')).status).toBe(200)
    expect((await client('').get('/api/v1/tasks', { 'X-API-Key': key })).status).toBe(200)
    expect((await phone.post('/api/v1/tasks', { title: 'No' })).body.code).toBe(
      'insufficient_scope',
    )
    expect(
      (await bob.get('/api/v1/api-keys')).body.items.map((item: { id: string }) => item.id),
    ).toEqual([id])
    expect((await bob.delete(`/api/v1/api-keys/${id}`)).status).toBe(204)
    expect((await phone.get('/api/v1/tasks')).status).toBe(401)
    expect((await bob.get('/api/v1/tasks')).body.items).toEqual([])
  })
}
