// A window of time never ends later than its length from now: where the clock was ahead for a while,
// what it began then must not stay for as long as it was ahead.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { isOpen } from '../../../src/core/clock.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { createExternalIssuers } from '../../../src/features/account/credentials/external-issuers.ts'
import { createFlows } from '../../../src/features/account/openid/openid-flow.ts'
import { openSignInCode } from '../../../src/features/account/openid/sign-in-codes.ts'
import { createLimits } from '../../../src/http/limits.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { redemptionFor } from '../../support/sign-in-codes.ts'
import { createWorld, stillClock, type World } from '../../support/world.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([1, 7, 40, 400])(
  'a window is open for its length, also behind a clock %i days ahead',
  (days) => {
    const now = Date.UTC(2026, 10, 23)
    expect(isOpen(10 * MINUTE, now + 10 * MINUTE, now)).toBe(true)
    expect(isOpen(10 * MINUTE, now, now)).toBe(false)
    expect(isOpen(10 * MINUTE, now + 10 * MINUTE + days * DAY, now)).toBe(false)
  },
)

test.each([MINUTE, HOUR, DAY, 400 * DAY])(
  'requests are counted anew after the clock was set back by %i ms',
  (ms) => {
    const clock = stillClock()
    const { caller } = createLimits(clock, { on: true, caller: 2 })
    caller.count('ann')
    caller.count('ann')
    expect(() => caller.count('ann')).toThrow(/Come back in 60 seconds/)
    clock.advance(-ms)
    let waited = 0
    for (; waited <= 60; waited++) {
      try {
        caller.count('ann')
        break
      } catch {
        clock.advance(SECOND)
      }
    }
    expect(waited).toBeLessThanOrEqual(60)
  },
)

describeEachDatabase('windows of a clock that was ahead', (open) => {
  let world: World
  let people = 0
  beforeAll(async () => {
    world = await createWorld({
      open,
      clock: stillClock(),
      env: { RATE_LIMIT: 'on', RATE_LIMIT_SIGN_IN_PER_ADDRESS: '5' },
    })
  })
  afterAll(() => world.close())

  const ahead = async <T>(ms: number, meanwhile: () => Promise<T>): Promise<T> => {
    world.clock.advance(ms)
    const result = await meanwhile()
    world.clock.advance(-ms)
    return result
  }
  const withKey = async () => {
    const user = await world.register(`Wim${people++}`)
    const { body } = await user.post('/api/v1/api-keys', { name: 'Phone', scopes })
    return { user, key: world.client(body.key as string), id: body.id as string }
  }

  test('a limit that was reached a day ahead ends within its length, for strangers at the address too', async () => {
    const signIn = (email: string) =>
      world.anonymous.post('/api/v1/auth/login', { email, password: 'not the right one' })
    const refused = await ahead(DAY, async () => {
      let answer = await signIn('nobody@example.org')
      for (let i = 0; i < 100 && answer.status !== 429; i++)
        answer = await signIn(`nobody${i}@example.org`)
      return answer
    })
    expect(refused.status).toBe(429)
    const still = await signIn('stranger@example.org')
    expect([401, 429]).toContain(still.status)
    if (still.status === 429)
      expect(Number(still.headers.get('Retry-After'))).toBeLessThanOrEqual(MINUTE / SECOND)
    world.clock.advance(MINUTE)
    expect((await signIn('stranger@example.org')).status).toBe(401)
    world.clock.advance(HOUR)
  })

  test('the answer that is kept for an Idempotency-Key is kept for a day from now', async () => {
    const { key } = await withKey()
    const once = async () => {
      const { body } = await key.post('/api/v1/tasks', { title: 'a' }, { 'Idempotency-Key': 'k' })
      return body.id as string
    }
    const first = await ahead(40 * DAY, once)
    expect(await once(), 'a repetition').toBe(first)
    world.clock.advance(DAY - MINUTE)
    expect(await once(), 'within a day').toBe(first)
    world.clock.advance(2 * MINUTE)
    expect(await once(), 'after a day').not.toBe(first)
  })

  test('the use of a key is noted again', async () => {
    const { user, key, id } = await withKey()
    const used = async () => {
      const text = `select last_used_at from api_keys where id = '${id}'`
      return String((await world.deps.db.one(rawQuery<{ at: unknown }>(text, ['at'])))?.at)
    }
    await ahead(40 * DAY, () => key.get('/api/v1/me'))
    await expect.poll(used).not.toBe('null')
    const before = await used()
    // What is remembered of the credential is a matter of seconds.
    await key.get('/api/v1/me')
    await expect.poll(used).not.toBe(before)
    expect(user.id).toBeTruthy()
  })

  test('a refresh token that was spent ahead gets no successor any more, and the session goes on', async () => {
    const user = await world.register(`Wim${people++}`)
    const refresh = (token: string) =>
      world.anonymous.post('/api/v1/auth/refresh', { refresh_token: token })
    const next = await ahead(DAY, async () => (await refresh(user.refreshToken)).body)
    expect((await refresh(user.refreshToken)).status).toBe(401)
    expect((await refresh(next.refresh_token)).status).toBe(200)
  })

  test('a one-time code and the start of a sign-in that were made ahead are refused', async () => {
    const code = await ahead(DAY, () => redemptionFor(world.deps, 'sign-in'))
    const flows = await createFlows(world.deps.db, world.clock)
    const flow = { state: 's', nonce: 'n', verifier: 'v', challenge: 'c', purpose: 'link' } as const
    const sealed = await ahead(DAY, () => flows.seal(flow))
    expect(await flows.open(sealed)).toBeUndefined()
    expect(await flows.open(await flows.seal(flow))).toEqual(flow)
    await expect(openSignInCode(world.deps, 'sign-in', code)).rejects.toThrow()
    const fresh = await redemptionFor(world.deps, 'sign-in')
    expect((await openSignInCode(world.deps, 'sign-in', fresh)).claims.subject).toBeTruthy()
  })
})

test('the keys of an issuer are fetched anew after the clock was set back by a day', async () => {
  const clock = { at: Date.now(), now: () => clock.at }
  const pair = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' } }
  }
  const [old, rotated] = [await pair('old'), await pair('new')]
  let published = [old.jwk]
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const issuer = { issuer: 'https://a.example', audience: 'https://a.example', subjectClaim: 'sub' }
  const external = createExternalIssuers({
    config: {
      sharedSecret: undefined,
      jwksIssuer: { url: `http://127.0.0.1:${port}/jwks`, ...issuer },
    } as never,
    clock,
  })
  const verify = async ({ kid, privateKey }: typeof old) =>
    external.verify(
      await new SignJWT({ sub: 'ann' })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setIssuer(issuer.issuer)
        .setAudience(issuer.audience)
        .setExpirationTime(Math.floor(clock.at / 1000) + 600)
        .sign(privateKey),
      'EdDSA',
    )
  try {
    expect((await verify(old)).subject).toBe('ann')
    published = [rotated.jwk]
    clock.at -= DAY
    expect((await verify(rotated)).subject).toBe('ann')
  } finally {
    server.close()
  }
})
