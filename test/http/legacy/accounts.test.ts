// Accounts as the family's clients ask for them.
import { describe, expect, test } from 'vitest'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
let people = 0
const password = 'a heron on the pier'
const newEmail = () => `family${people++}@example.org`
const { anonymous } = world

describe.each(['/api/auth', '/auth'])('under %s', (prefix) => {
  test.each([
    ['register', 'login', 'me', 'logout'],
    ['signup', 'signin', 'profile', 'signout'],
    ['sign-up', 'sign-in', 'me', 'sign-out'],
  ])('%s, %s, %s, %s', async (register, login, me, logout) => {
    const email = newEmail()
    const made = await anonymous.post(`${prefix}/${register}`, { email, password, name: 'Ann' })
    expect(made.status, made.text).toBe(201)
    const { body } = made
    expect(body).toMatchObject({
      token: body.access_token,
      token_type: 'bearer',
      refresh_token: expect.any(String),
      user: { id: body.user_id, email, name: 'Ann' },
    })
    const signed = await anonymous.post(`${prefix}/${login}`, { email, password })
    expect([signed.status, signed.body.user_id]).toEqual([200, body.user_id])
    const ann = world.client(signed.body.token)
    const shown = await ann.get(`${prefix}/${me}`)
    expect(shown.body).toMatchObject({ id: body.user_id, user_id: body.user_id, email })
    expect(shown.body.user).toMatchObject({ id: body.user_id, email })
    // The token is good on both contracts.
    expect((await ann.get(`/api/${body.user_id}/tasks`)).status).toBe(200)
    expect((await ann.get('/api/v1/tasks')).status).toBe(200)
    const renamed = await ann.put(`${prefix}/${me}`, { name: 'Anna' })
    expect([renamed.status, renamed.body.name]).toEqual([200, 'Anna'])
    const next = await anonymous.post(`${prefix}/refresh`, {
      refreshToken: signed.body.refresh_token,
    })
    expect([next.status, next.body.token]).toEqual([200, next.body.access_token])
    const ended = await world.client(next.body.token).post(`${prefix}/${logout}`, undefined)
    expect([ended.status, ended.body.message]).toEqual([200, expect.any(String)])
  })

  test('a password form signs in', async () => {
    const email = newEmail()
    await anonymous.post(`${prefix}/register`, { username: email, password, full_name: 'Bea B' })
    const form = (fields: Record<string, string>) =>
      world.fetch(`${prefix}/login`, {
        method: 'POST',
        body: new URLSearchParams(fields),
      })
    const right = await form({ grant_type: 'password', username: email, password })
    expect([right.status, await right.json()]).toMatchObject([200, { user: { name: 'Bea B' } }])
    const wrong = await form({ username: email, password: 'another heron' })
    expect([wrong.status, await wrong.json()]).toMatchObject([
      401,
      { code: 'invalid_credentials', detail: expect.any(String) },
    ])
  })

  test('refusals have text in each field that clients read', async () => {
    const email = newEmail()
    await anonymous.post(`${prefix}/register`, { email, password })
    const answers = [
      await anonymous.post(`${prefix}/register`, { email, password }),
      await anonymous.post(`${prefix}/register`, { email: 'none', password }),
      await anonymous.post(`${prefix}/register`, { email: newEmail(), password: 'short' }),
      await anonymous.post(`${prefix}/login`, { email, password: 'wrong heron' }),
      await anonymous.post(`${prefix}/login`, {}),
      await anonymous.get(`${prefix}/me`),
      await anonymous.post(`${prefix}/refresh`, { refresh_token: 'none' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([409, 422, 422, 401, 422, 401, 401])
    for (const { body, headers } of answers) {
      expect(body.detail).toMatch(/\w/)
      expect([body.error, body.message]).toEqual([body.detail, body.detail])
      expect(headers.get('content-type')).toBe('application/json')
    }
  })
})

test('pages and the other API keep their paths', async () => {
  expect((await anonymous.get('/auth/openid/start')).status).not.toBe(401)
  expect((await anonymous.post('/api/v1/auth/register/', {})).status).toBe(404)
})
