// The keys of an issuer: rotated, unnamed, out of reach, somewhere else, and asked for by attackers.
import { exportJWK, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Log } from '../../../../src/core/log.ts'
import { noSingleFlight, singleFlight } from '../../../../src/core/single-flight.ts'
import { createExternalIssuers } from '../../../../src/features/account/credentials/external-issuers.ts'
import { stillClock } from '../../../support/world.ts'
import { createKey, ISSUER, serveKeys } from './key-server.ts'
import { refusal } from './service.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const open = async (published: () => unknown, { sharing = singleFlight, at = '' } = {}) => {
  const clock = stillClock()
  const server = await serveKeys(published)
  const logged: [string, string, Record<string, unknown>][] = []
  const note =
    (level: string): Log['error'] =>
    (message, fields = {}) =>
      void logged.push([level, message, fields])
  const log = {
    debug: note('debug'),
    info: note('info'),
    warning: note('warning'),
    error: note('error'),
  }
  const external = createExternalIssuers({
    config: {
      sharedSecret: undefined,
      subjectClaim: undefined,
      jwksIssuer: { url: at || server.url, issuer: ISSUER, audience: ISSUER, subjectClaim: 'sub' },
    },
    clock,
    log,
    sharing,
  })
  const verify = async (token: string | Promise<string>, alg = 'ES256') =>
    (await external.verify(await token, alg)).subject
  const refused = (token: string | Promise<string>, alg?: string) =>
    refusal(() => verify(token, alg))
  return { clock, verify, refused, asked: server.asked, logged, url: server.url }
}

describe('a new key', () => {
  test.each([
    ['with a name of its own', 'old', 'new'],
    ['with the name of the old one', 'one', 'one'],
    ['without a name', null, null],
  ])('%s is fetched at once', async (_, before, after) => {
    const [old, rotated] = [await createKey(before), await createKey(after)]
    let published = [old.jwk]
    const { clock, verify, refused, asked } = await open(() => published)
    expect(await verify(old.sign(clock.now()))).toBe('ada')
    published = [rotated.jwk]
    expect(await verify(rotated.sign(clock.now()))).toBe('ada')
    expect(asked()).toBe(2)
    clock.advance(SECOND)
    // The old one is not believed any more.
    expect((await refused(old.sign(clock.now()))).code).toBe('unauthenticated')
  })

  describe.each([
    ['requests share a fetch', singleFlight],
    ['each request has to make its own (Workers)', noSingleFlight],
  ])('where %s', (_, sharing) => {
    test('tokens with made-up keys neither make us hammer the issuer nor keep good ones out', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const [old, next, stranger] = [
        await createKey('old'),
        await createKey('next'),
        await createKey('strange'),
      ]
      let published = [old.jwk]
      const { clock, verify, refused, asked } = await open(() => published, { sharing })
      await verify(old.sign(clock.now()))
      const madeUp = (round: number) =>
        Promise.all(
          Array.from({ length: 40 }, (_, n) =>
            stranger.sign(clock.now(), {}, { kid: `made-up-${round}-${n}` }),
          ),
        )
      const settled = async <T>(all: Promise<T>[]): Promise<T[]> => {
        const results = Promise.all(all)
        let done = false
        results.finally(() => {
          done = true
        })
        while (!done) {
          await vi.advanceTimersByTimeAsync(50)
          await new Promise((resume) => setImmediate(resume))
        }
        return results
      }
      const first = (await madeUp(1)).map((token) => refused(token))
      for (const { code } of await settled(first)) expect(code).toBe('unauthenticated')
      const then = asked()
      expect(then, 'the first, and at most two for all of them').toBeLessThanOrEqual(3)
      published = [next.jwk]
      const [token, ...others] = [await next.sign(clock.now()), ...(await madeUp(2))]
      const [good, ...bad] = await settled<unknown>([
        verify(token),
        ...others.map((other) => refused(other)),
      ])
      expect(good).toBe('ada')
      for (const one of bad) expect(one).toMatchObject({ code: 'unauthenticated' })
      expect(asked() - then).toBeLessThanOrEqual(2)
    })
  })

  test('is not looked for where no key could make the token good', async () => {
    const key = await createKey('one')
    const { clock, refused, asked } = await open(() => [key.jwk])
    const now = Math.floor(clock.now() / 1000)
    const bad: JWTPayload[] = [
      { iss: 'https://elsewhere.example' },
      { iss: `${ISSUER}/` },
      { aud: 'https://elsewhere.example' },
      { exp: now },
      { nbf: now + 60 },
      { iat: now + 60 },
      { sub: '' },
    ]
    for (const payload of bad)
      for (const kid of ['one', 'made-up'])
        expect(await refused(key.sign(clock.now(), payload, { kid }))).toMatchObject({
          code: 'unauthenticated',
        })
    for (const kid of [1, null, true, ['one'], { kid: 'one' }])
      expect(await refused(signedWith(key, clock.now(), { kid }))).toMatchObject({
        code: 'unauthenticated',
      })
    expect(asked()).toBe(0)
  })
})

/** A token whose header is what no library would write. */
const signedWith = async (
  { privateKey }: Awaited<ReturnType<typeof createKey>>,
  now: number,
  header: Readonly<Record<string, unknown>>,
) => {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')
  const claims = { iss: ISSUER, aud: ISSUER, sub: 'ada', exp: now / 1000 + 600 }
  const signed = `${part({ alg: 'ES256', ...header })}.${part(claims)}`
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    privateKey,
    Buffer.from(signed),
  )
  return `${signed}.${Buffer.from(signature).toString('base64url')}`
}

test('a key that the token brings or names an address for is not believed', async () => {
  const [key, stranger] = [await createKey('one'), await createKey('one')]
  const other = await serveKeys(() => [stranger.jwk])
  const { clock, verify, refused } = await open(() => [key.jwk])
  expect(await verify(key.sign(clock.now(), {}, { jwk: stranger.jwk, jku: other.url }))).toBe('ada')
  for (const header of [{ jwk: stranger.jwk }, { jku: other.url }, { x5u: other.url }])
    for (const kid of ['one', other.url]) {
      clock.advance(SECOND)
      expect((await refused(stranger.sign(clock.now(), {}, { ...header, kid }))).code).toBe(
        'unauthenticated',
      )
    }
  expect(other.asked()).toBe(0)
})

describe('keys without a name', () => {
  test('are each tried, whether the token names a key or not', async () => {
    const keys = [await createKey(null), await createKey(null), await createKey(null)]
    const { clock, verify, refused, asked } = await open(() => keys.map(({ jwk }) => jwk))
    for (const key of keys) {
      expect(await verify(key.sign(clock.now()))).toBe('ada')
      expect(await verify(key.sign(clock.now(), {}, { kid: 'any' }))).toBe('ada')
    }
    expect(asked()).toBe(1)
    const stranger = await createKey(null)
    expect(await refused(stranger.sign(clock.now()))).toMatchObject({
      code: 'unauthenticated',
      detail: expect.stringMatching(/signature/),
    })
    clock.advance(SECOND)
    expect(await refused(stranger.sign(clock.now(), {}, { kid: 'any' }))).toMatchObject({
      code: 'unauthenticated',
      detail: expect.stringMatching(/names a key/),
    })
  })

  test('a token without a name is tried with each key, one with a name with no other named key', async () => {
    const [one, two] = [await createKey('one'), await createKey('two')]
    const { clock, verify, refused } = await open(() => [one.jwk, two.jwk])
    const nameless = (key: typeof one) => signedWith(key, clock.now(), {})
    expect(await verify(nameless(one))).toBe('ada')
    expect(await verify(nameless(two))).toBe('ada')
    expect((await refused(two.sign(clock.now(), {}, { kid: 'one' }))).detail).toMatch(/signature/)
  })

  test('a set of thousands is not tried to its end with each token', async () => {
    const key = await createKey(null)
    const strangers = await Promise.all(Array.from({ length: 60 }, () => createKey(null)))
    const many = strangers.map(({ jwk }) => jwk)
    const behind = await open(() => [...many.slice(0, 49), key.jwk, ...many.slice(49)])
    expect(await behind.verify(key.sign(behind.clock.now()))).toBe('ada')
    const tooFar = await open(() => [...many, key.jwk])
    expect((await tooFar.refused(key.sign(tooFar.clock.now()))).code).toBe('unauthenticated')
  })
})

test('keys that cannot be used do not stand in the way of those that can', async () => {
  const [good, short, hidden] = [
    await createKey('good'),
    await createKey('short', { alg: 'RS256', modulusLength: 2048 }),
    await createKey('hidden'),
  ]
  const secret = Buffer.alloc(32, 7)
  const published = [
    { kid: 'good', kty: 'EC', crv: 'P-256', alg: 'ES256', x: '!', y: '!' },
    { kid: 'oct', kty: 'oct', k: secret.toString('base64url') },
    { ...(await exportJWK(hidden.privateKey)), kid: 'hidden', alg: 'ES256' },
    { ...short.jwk, n: short.jwk.n?.slice(0, 171) },
    { kid: ['good'], kty: 7 },
    { ...good.jwk, use: 'enc' },
    good.jwk,
  ]
  const { clock, verify, refused } = await open(() => published)
  expect(await verify(good.sign(clock.now()))).toBe('ada')
  const claims = { iss: ISSUER, aud: ISSUER, sub: 'ada', exp: clock.now() / 1000 + 60 }
  const symmetric = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'oct' })
    .sign(secret)
  const bad = [
    [symmetric, 'HS256'],
    [symmetric, 'ES256'],
    [short.sign(clock.now()), 'RS256'],
    [hidden.sign(clock.now()), 'ES256'],
  ] as const
  for (const [token, alg] of bad) {
    clock.advance(SECOND)
    expect(await refused(token, alg)).toMatchObject({ code: 'unauthenticated' })
  }
})

describe('an issuer that cannot be asked', () => {
  const broken: [string, unknown][] = [
    ['closes the connection', undefined],
    ['answers 500', { status: 500, body: '' }],
    ['answers 503', { status: 503, body: '' }],
    ['answers 429', { status: 429, body: '' }],
    ['answers 408', { status: 408, body: '' }],
  ]
  test.each(broken)('where it %s its tokens are 503, and wrong ones 401', async (_, answer) => {
    const key = await createKey('one')
    let published: unknown = answer
    const { clock, verify, refused, asked, logged } = await open(() => published)
    const token = await key.sign(clock.now())
    for (const [later, rest] of [
      [0, 5],
      [0, 5],
      [2_500, 3],
    ] as const) {
      clock.advance(later)
      expect(await refused(token)).toMatchObject({
        code: 'unavailable',
        detail: expect.stringMatching(/Try again/),
        retryAfter: rest,
      })
    }
    expect(asked()).toBe(1)
    expect(logged).toEqual([['warning', expect.stringMatching(/keys/), expect.anything()]])
    expect((await refused(key.sign(clock.now(), { iss: 'https://b.example' }))).code).toBe(
      'unauthenticated',
    )
    published = [key.jwk]
    clock.advance(5 * SECOND)
    expect(await verify(token)).toBe('ada')
    // Now its keys are known for ten minutes.
    published = answer
    clock.advance(9 * MINUTE)
    expect(await verify(token)).toBe('ada')
    const stranger = await createKey('one')
    expect((await refused(stranger.sign(clock.now()))).code).toBe('unauthenticated')
    clock.advance(5 * SECOND)
    expect((await refused(stranger.sign(clock.now(), {}, { kid: 'two' }))).code).toBe('unavailable')
    clock.advance(MINUTE)
    expect((await refused(token)).code).toBe('unavailable')
  })

  const elsewhere: [string, unknown, RegExp][] = [
    ['answers 404', { status: 404, body: '' }, /answers 404/],
    ['answers 410', { status: 410, body: '' }, /answers 410/],
    ['answers 401', { status: 401, body: '' }, /answers 401/],
    ['redirects', { status: 308, body: '', headers: { Location: '/keys' } }, /308.*redirects/],
    ['answers a page', { status: 200, body: '<html>' }, /something else than a key set/],
    ['answers other JSON', { status: 200, body: '{"keys":1}' }, /something else than a key set/],
    ['answers no keys but nulls', [null], /something else than a key set/],
    ['answers a list', { status: 200, body: '[]' }, /something else than a key set/],
    ['answers null', { status: 200, body: 'null' }, /something else than a key set/],
    [
      'answers two megabytes',
      { status: 200, body: ' '.repeat(2 ** 21) },
      /more than a key set has/,
    ],
  ]
  test.each(elsewhere)(
    'where it %s the configuration is wrong, which the log and the answer say',
    async (_, answer, said) => {
      const key = await createKey('one')
      const { clock, refused, logged, url } = await open(() => answer)
      const { code, detail, retryAfter } = await refused(key.sign(clock.now()))
      expect(code).toBe('unavailable')
      expect(detail).toMatch(said)
      expect(detail).toMatch(/not set up right.*operator/)
      expect(detail).not.toMatch(/try again/i)
      expect(retryAfter).toBe(60)
      expect(logged).toEqual([
        [
          'error',
          expect.stringMatching(/correct BETTER_AUTH_URL or AUTH_JWKS_URL/),
          { address: url, reason: expect.stringMatching(said) },
        ],
      ])
      expect((await refused(key.sign(clock.now(), { iss: 'https://b.example' }))).code).toBe(
        'unauthenticated',
      )
    },
  )

  test('its address is in the log without its parameters', async () => {
    const key = await createKey('one')
    const at = 'http://127.0.0.1:1/jwks'
    const { clock, refused, logged } = await open(() => [], { at: `${at}?code=hunter2` })
    expect((await refused(key.sign(clock.now()))).code).toBe('unavailable')
    expect(logged).toEqual([
      ['warning', expect.anything(), expect.objectContaining({ address: at })],
    ])
  })
})

describe('a clock that is ahead at the issuer', () => {
  test.each([
    ['nbf', 30, true],
    ['nbf', 31, false],
    ['iat', 30, true],
    ['iat', 31, false],
    ['iat', -1_000_000, true],
    ['exp', 1, true],
    ['exp', 0, false],
    ['exp', -1, false],
  ])('%s at %i s from now: %s', async (claim, seconds, isGood) => {
    const key = await createKey('one')
    const { clock, verify, refused } = await open(() => [key.jwk])
    const token = key.sign(clock.now(), { [claim]: Math.floor(clock.now() / 1000) + seconds })
    if (isGood) expect(await verify(token)).toBe('ada')
    else expect((await refused(token)).code).toBe('unauthenticated')
  })
})
