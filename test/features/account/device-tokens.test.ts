import { expect, onTestFinished, test } from 'vitest'
import { createSignIns, DAY, from, QUARTER } from '../../support/sign-ins.ts'
import { createWorld } from '../../support/world.ts'

const home = from('203.0.113.1')
const elsewhere = from('198.51.100.7')

const open = async () => {
  const signIns = await createSignIns()
  onTestFinished(() => signIns.close())
  return signIns
}

test('wrong passwords of a known device count against that device alone', async () => {
  const { world, ada, signIn, guesses } = await open()
  const { deviceToken: device_token } = ada
  expect(await guesses(11, home, { device_token })).toEqual([...Array(10).fill(401), 429])
  const refused = await signIn({ headers: elsewhere, device_token })
  expect([refused.status, refused.headers.get('RateLimit-Policy')], 'wherever it is').toEqual([
    429,
    '"sign-in-device";q=10;w=900',
  ])
  const other = await signIn({ headers: home })
  expect(other.status, 'not its network').toBe(200)
  expect(
    (await signIn({ headers: elsewhere, device_token: other.body.device_token })).status,
    'not the other device',
  ).toBe(200)
  for (const _ of [2, 3]) {
    world.clock.advance(QUARTER)
    await guesses(10, home, { device_token })
  }
  world.clock.advance(QUARTER)
  expect((await signIn({ headers: home, device_token })).headers.get('RateLimit-Policy')).toBe(
    '"sign-in-device-day";q=30;w=86400',
  )
  world.clock.advance(DAY)
  expect((await signIn({ headers: home, device_token })).status).toBe(200)
})

test('a device stays the one that it was, with each token that it has had', async () => {
  const { ada, signIn, guesses } = await open()
  const again = (await signIn({ headers: home, device_token: ada.deviceToken })).body.device_token
  expect(await guesses(10, home, { device_token: again })).toEqual(Array(10).fill(401))
  expect((await signIn({ headers: home, device_token: ada.deviceToken })).status).toBe(429)
})

test('any other text than a token of this account is as good as none', async () => {
  const { world, ada, signIn, guesses } = await open()
  const bob = await world.anonymous.post('/api/v1/auth/register', {
    email: 'bob@example.org',
    password: 'Bob likes long walks',
  })
  expect(bob.body.device_token).toMatch(/^tpd_[\w-]{65}$/)
  await guesses(10, elsewhere)
  const changed = ada.deviceToken.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
  for (const device_token of [
    '',
    'x',
    'a'.repeat(200),
    changed,
    ada.refreshToken,
    ada.token.slice(0, 200),
    bob.body.device_token,
  ])
    expect((await signIn({ headers: elsewhere, device_token })).status, device_token).toBe(429)
  expect((await signIn({ headers: elsewhere, device_token: ada.deviceToken })).status).toBe(200)
  expect((await signIn({ headers: home, device_token: 'a'.repeat(201) })).status).toBe(422)
  for (const device_token of ['', 'x', changed])
    expect((await signIn({ headers: home, device_token })).status).toBe(200)
})

test('another password ends every token', async () => {
  const { ada, signIn, guesses } = await open()
  const password = 'two herons on the pier'
  expect(
    (
      await ada.put('/api/v1/me/password', {
        current_password: ada.password,
        new_password: password,
      })
    ).status,
  ).toBe(204)
  await guesses(10, elsewhere)
  expect(
    (await signIn({ headers: elsewhere, device_token: ada.deviceToken, password })).status,
  ).toBe(429)
  const fresh = (await signIn({ headers: home, password })).body.device_token
  expect((await signIn({ headers: elsewhere, device_token: fresh, password })).status).toBe(200)
})

test('every process on the database knows them', async () => {
  const { world, ada, guesses } = await open()
  await guesses(10, elsewhere)
  const other = await createWorld({
    env: { RATE_LIMIT: 'on', TRUSTED_HOPS: '1' },
    open: async () => ({ db: world.deps.db, close: async () => {} }),
    clock: world.clock,
  })
  const signIn = (more: object) =>
    other.anonymous.post(
      '/api/v1/auth/login',
      { email: ada.email, password: ada.password, ...more },
      elsewhere,
    )
  expect((await signIn({})).status).toBe(429)
  expect((await signIn({ device_token: ada.deviceToken })).status).toBe(200)
})

test('nothing is opened by one', async () => {
  const { world, ada, guess } = await open()
  expect((await world.client(ada.deviceToken).get('/api/v1/me')).status).toBe(401)
  expect(
    (await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: ada.deviceToken })).status,
  ).toBe(401)
  expect((await guess({ headers: home, device_token: ada.deviceToken })).status).toBe(401)
})
