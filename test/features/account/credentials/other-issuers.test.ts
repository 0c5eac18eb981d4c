import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Credentials } from '../../../../src/features/account/credentials/credentials.ts'
import { createApiKey, getMe } from '../../../../src/features/account/index.ts'
import {
  as,
  called,
  clock,
  credentials,
  describeIdentity,
  holder,
  JWKS,
  process,
  refusal,
  refused,
  SECOND,
  SECRET,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('a shared secret', () => {
    const sign = (payload: JWTPayload, { secret = SECRET, alg = 'HS256' } = {}) =>
      new SignJWT({ exp: clock.now() / 1000 + 3600, ...payload })
        .setProtectedHeader({ alg })
        .sign(new TextEncoder().encode(secret))
    let shared: Credentials
    beforeEach(async () => {
      shared = await process({ sharedSecret: SECRET })
    })

    test('a user is made on first sight, once, whatever the claim is called', async () => {
      const first = await shared.authenticate(
        await sign({ sub: '42', name: 'Ada\nLovelace', iss: 'whoever' }),
      )
      expect(first).toMatchObject({ kind: 'external', issuer: 'better-auth-secret', subject: '42' })
      for (const payload of [
        { user_id: '42' },
        { userId: 42 },
        { id: '42', sub: '42' },
      ] as JWTPayload[])
        expect(await shared.authenticate(await sign(payload))).toEqual(first)
      expect(await shared.authenticate(await sign({ sub: '43' }))).not.toMatchObject({
        userId: first.userId,
      })
      expect(await getMe(as(first, shared))).toMatchObject({ email: null, name: 'Ada Lovelace' })
    })

    test('many at once make one user', async () => {
      const tokens = await Promise.all(
        Array.from({ length: 10 }, (_, i) => sign({ sub: 'ada', n: i })),
      )
      const actors = await Promise.all(tokens.map((token) => shared.authenticate(token)))
      expect(new Set(actors.map((a) => a.userId)).size).toBe(1)
    })

    test('claims that disagree, wrong subjects, secrets, algorithms and times are refused', async () => {
      await shared.authenticate(await sign({ sub: '42' }))
      const ours = decodeJwt((await signUp()).access_token)
      const bad = [
        await sign({ sub: '42', user_id: '43' }),
        await sign({ id: 42, userId: '42 ' }),
        await sign({}),
        ...(await Promise.all(
          ['', ' ', 'a '.padStart(5), 'x'.repeat(192), 'a\0b', 1.5, true, ['42'], { id: '42' }].map(
            (user_id) => sign({ user_id }),
          ),
        )),
        await sign({ sub: '42' }, { secret: `${SECRET}!` }),
        await sign({ sub: '42' }, { secret: SECRET.repeat(2), alg: 'HS512' }),
        await sign({ sub: '42' }, { secret: SECRET.repeat(2), alg: 'HS384' }),
        await sign({ sub: '42', exp: clock.now() / 1000 }),
        await sign({ sub: '42', nbf: clock.now() / 1000 + 60 }),
        await new SignJWT({ sub: '42' })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode(SECRET)),
        new UnsecuredJWT({ sub: '42' }).setExpirationTime('1h').encode(),
      ]
      for (const token of bad)
        expect(await refused(token, shared)).toMatchObject({ code: 'unauthenticated' })
      // Another issuer speaks for its own users only, whatever it calls itself.
      const impostor = await shared.authenticate(
        await sign({ sub: ours.sub ?? '', iss: shared.issuer, sid: ours['sid'] }),
      )
      expect(impostor.kind).toBe('external')
      expect(impostor.userId).not.toBe(ours.sub)
    })

    test('is unknown where nothing is configured', async () => {
      expect((await refused(await sign({ sub: '42' }))).code).toBe('unauthenticated')
    })

    test('a token is remembered no longer than it lives', async () => {
      const token = await sign({ sub: '42', exp: clock.now() / 1000 + 5 })
      await shared.authenticate(token)
      expect(shared.authenticate(token)).not.toBeInstanceOf(Promise)
      clock.advance(5 * SECOND)
      expect((await refused(token, shared)).detail).toMatch(/expired/)
    })

    test('its users have no password, sessions or keys', async () => {
      const ctx = await holder(await sign({ sub: '42' }), shared)
      const phone = { name: 'Phone', scopes: ['tasks:read' as const], expires_at: null }
      for (const attempt of [
        () => createApiKey(ctx, phone),
        () => called('listSessions', ctx),
        () => called('deleteMe', ctx),
      ])
        expect((await refusal(attempt)).code).toBe('session_required')
      const { key } = await createApiKey({ ...ctx, externalApiKeys: true }, phone)
      expect(await shared.authenticate(key)).toMatchObject({
        kind: 'key',
        userId: ctx.actor.userId,
        subject: '42',
      })
    })
  })

  describe('published keys', () => {
    const serve = async (answer: () => { status: number; body: string }) => {
      const server = createServer((_, response) => {
        const { status, body } = answer()
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => {
        server.closeAllConnections()
        server.close()
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    }
    const issue = async (alg = 'ES256') => {
      const pair = await generateKeyPair(alg, { extractable: true })
      const jwk = { ...(await exportJWK(pair.publicKey)), kid: `key-${alg}`, alg }
      const sign = (payload: JWTPayload, kid = jwk.kid) =>
        new SignJWT({
          iss: JWKS.issuer,
          aud: JWKS.audience,
          exp: clock.now() / 1000 + 3600,
          ...payload,
        })
          .setProtectedHeader({ alg, kid })
          .sign(pair.privateKey)
      return { jwk, sign }
    }

    test.each(['ES256', 'EdDSA', 'RS256'])(
      '%s tokens of the issuer are believed, others not',
      async (alg) => {
        const { jwk, sign } = await issue(alg)
        const url = await serve(() => ({ status: 200, body: JSON.stringify({ keys: [jwk] }) }))
        const external = await process({ sharedSecret: SECRET, jwksIssuer: { url, ...JWKS } })
        const actor = await external.authenticate(await sign({ sub: 'ada' }))
        expect(actor).toMatchObject({
          kind: 'external',
          issuer: 'https://accounts.example',
          subject: 'ada',
        })
        const confused = (key: string) =>
          new SignJWT({
            iss: JWKS.issuer,
            aud: JWKS.audience,
            sub: 'ada',
            exp: clock.now() / 1000 + 60,
          })
            .setProtectedHeader({ alg: 'HS256', kid: jwk.kid })
            .sign(new TextEncoder().encode(key))
        const stranger = await issue(alg)
        const other = await issue(alg === 'ES256' ? 'ES384' : 'ES256')
        const bad = [
          await sign({ sub: 'ada', iss: 'https://elsewhere.example' }),
          await sign({ sub: 'ada', iss: external.issuer }),
          await sign({ sub: 'ada', aud: 'another' }),
          await sign({ sub: 'ada', exp: clock.now() / 1000 }),
          await sign({ user_id: 'ada' }),
          await sign({ sub: 'ada' }, 'unknown'),
          await stranger.sign({ sub: 'ada' }),
          await other.sign({ sub: 'ada' }, jwk.kid),
          await confused(JSON.stringify(jwk)),
        ]
        for (const token of bad)
          expect(await refused(token, external)).toMatchObject({ code: 'unauthenticated' })
        const { access_token } = await signUp()
        expect(await external.authenticate(access_token)).toMatchObject({ kind: 'session' })
        // With the secret it is a token of the other issuer, whatever it says of itself.
        const namesake = await external.authenticate(await confused(SECRET))
        expect(namesake).toMatchObject({ issuer: 'better-auth-secret', subject: 'ada' })
        expect(namesake.userId).not.toBe(actor.userId)
      },
    )

    test('an issuer of the same name as ours is told apart by its keys', async () => {
      const { jwk, sign } = await issue('EdDSA')
      const url = await serve(() => ({ status: 200, body: JSON.stringify({ keys: [jwk] }) }))
      const external = await process({ jwksIssuer: { url, ...JWKS, issuer: credentials.issuer } })
      expect(
        await external.authenticate(await sign({ sub: 'ada', iss: credentials.issuer })),
      ).toMatchObject({ kind: 'external' })
      expect(await external.authenticate((await signUp()).access_token)).toMatchObject({
        kind: 'session',
      })
    })

    test('an issuer out of reach makes nobody a liar', async () => {
      const { jwk, sign } = await issue()
      let answer = { status: 500, body: '' }
      const url = await serve(() => answer)
      const external = await process({ jwksIssuer: { url, ...JWKS } })
      const token = await sign({ sub: 'ada' })
      for (const broken of [
        answer,
        { status: 200, body: '<html>' },
        { status: 200, body: '{"keys":1}' },
      ]) {
        answer = broken
        clock.advance(5_000) // an answer stands for so long
        expect((await refused(token, external)).code).toBe('unavailable')
      }
      const nowhere = await process({ jwksIssuer: { url: 'http://127.0.0.1:1/jwks', ...JWKS } })
      expect((await refused(token, nowhere)).code).toBe('unavailable')
      answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) }
      expect((await refused(token, external)).code).toBe('unavailable')
      clock.advance(5_000)
      await external.authenticate(token)
    })
  })
})
