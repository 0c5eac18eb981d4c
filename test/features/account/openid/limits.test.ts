import { expect, onTestFinished, test } from 'vitest'
import { randomText } from '../../../../src/core/secrets.ts'
import { createWorld } from '../../../support/world.ts'
import {
  CALLBACK,
  comeBack,
  cookieOf,
  newVerifier,
  provider,
  redeem,
  start,
  unlink,
  useProvider,
} from './browser.ts'

useProvider()

test('attempts are counted per address', async () => {
  const world = await createWorld({
    env: { ...provider.env, RATE_LIMIT: 'on', RATE_LIMIT_PER_USER: '2' },
  })
  onTestFinished(() => world.close())
  const attempts = []
  for (let i = 0; i < 11; i++)
    attempts.push((await redeem(world, { code: randomText(), verifier: newVerifier() })).status)
  expect(attempts).toEqual([...Array(10).fill(422), 429])
  const starts = [
    await start(world, newVerifier()),
    await start(world, newVerifier()),
    await start(world, newVerifier()),
  ]
  expect(starts.map(({ status }) => status)).toEqual([302, 302, 429])
  expect(starts[2]?.headers.get('Retry-After')).toMatch(/^\d+$/)
})

test('answers of the provider are counted per address before it is asked', async () => {
  const world = await createWorld({
    env: { ...provider.env, RATE_LIMIT: 'on', RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' },
  })
  onTestFinished(() => world.close())
  const began = await start(world, newVerifier())
  const { searchParams } = new URL(began.headers.get('Location') as string)
  const back = new URL(
    `http://localhost/?${new URLSearchParams({ state: searchParams.get('state') as string, iss: provider.url })}`,
  )
  let asked = 0
  provider.instead = (_, response) => {
    asked++
    response
      .writeHead(400, { 'Content-Type': 'application/json' })
      .end('{"error": "invalid_grant"}')
  }
  const statuses = []
  for (const code of ['a', 'b', 'c', 'd']) {
    back.searchParams.set('code', code)
    statuses.push((await comeBack(world, back, cookieOf(began))).response.status)
  }
  expect([statuses, asked]).toEqual([[400, 400, 400, 429], 3])
})

test('proofs are counted per user, whatever they are for', async () => {
  const world = await createWorld({ env: { ...provider.env, RATE_LIMIT: 'on' } })
  onTestFinished(() => world.close())
  const [uma, link, password] = [
    await world.register('Uma'),
    { code: randomText(), verifier: newVerifier() },
    'wrong',
  ]
  const attempts = []
  for (let i = 0; i < 5; i++) {
    attempts.push(
      (await uma.post('/api/v1/me/identities', { ...link, proof: { password } })).status,
    )
    attempts.push((await uma.send('DELETE', '/api/v1/me', { password })).status)
  }
  expect(attempts).toEqual(Array(10).fill(422))
  expect((await unlink(uma, crypto.randomUUID(), { password: uma.password })).status).toBe(429)
})

test('where it is not set up there is nothing, and the page offers nothing', async () => {
  const [world, other] = [await createWorld(), await createWorld({ env: provider.env })]
  onTestFinished(() => world.close())
  onTestFinished(() => other.close())
  for (const path of ['/auth/openid/start', CALLBACK])
    expect((await world.anonymous.get(path)).body).toMatchObject({
      status: 404,
      code: 'not_a_route',
    })
  expect((await world.anonymous.get('/')).text).not.toContain('Sign in with')
  expect((await world.anonymous.get('/status')).body.sign_in).toEqual({
    registration: 'open',
    openid: null,
  })
  expect((await other.anonymous.get('/')).text).toContain(
    `Sign in with ${new URL(provider.url).host}`,
  )
  expect((await other.anonymous.get('/status')).body.sign_in.openid).toBe(
    new URL(provider.url).host,
  )
})
