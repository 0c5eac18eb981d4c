import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { query } from '../../../../src/db/statement.ts'
import {
  clock,
  credentials,
  db,
  describeIdentity,
  ids,
  MINUTE,
  process,
  refused,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('access tokens', () => {
    test('say what they are for, and stop after fifteen minutes', async () => {
      const { access_token, user } = await signUp()
      const claims = decodeJwt(access_token)
      expect(claims).toMatchObject({
        iss: credentials.issuer,
        sub: user.id,
        aud: 'taskport',
        exp: clock.now() / 1000 + 900,
      })
      expect(Object.keys(claims).sort()).toEqual([
        'aud',
        'exp',
        'iat',
        'iss',
        'jti',
        'scope',
        'sid',
        'sub',
      ])
      clock.advance(15 * MINUTE - 1)
      await credentials.authenticate(access_token)
      clock.advance(1)
      expect((await refused(access_token)).detail).toMatch(/expired/)
    })

    test('the issuer is decided at the first boot', async () => {
      expect(credentials.issuer).toMatch(/^urn:taskport:/)
      expect((await process({ publicUrl: 'https://tasks.example' })).issuer).toBe(
        credentials.issuer,
      )
    })

    test('whatever else is presented is refused, and the real one goes on', async () => {
      const { access_token } = await signUp()
      await credentials.authenticate(access_token)
      credentials.forget()
      const claims = decodeJwt(access_token)
      const header = decodeProtectedHeader(access_token)
      const [h = '', p = '', s = ''] = access_token.split('.')
      const [jwk] = (await credentials.jwks()).keys
      const pair = await generateKeyPair('EdDSA')
      const forged = (payload: JWTPayload, kid = header.kid ?? '') =>
        new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid }).sign(pair.privateKey)
      const confused = (key: string) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: header.kid ?? '' })
          .sign(new TextEncoder().encode(key.padEnd(32)))
      const part = (json: unknown) => base64url.encode(JSON.stringify(json))
      const bad = [
        new UnsecuredJWT(claims).encode(),
        `${part({ ...header, alg: 'none' })}.${p}.`,
        `${part({ ...header, alg: 'NONE' })}.${p}.${s}`,
        `${part({ ...header, alg: 'HS256' })}.${p}.${s}`,
        `${part({ ...header, crit: ['b64'], b64: false })}.${p}.${s}`,
        await confused(jwk?.x ?? ''),
        await confused(JSON.stringify(jwk)),
        await forged(claims),
        await forged(claims, 'unknown'),
        await forged({ ...claims, iss: 'https://elsewhere.example' }),
        `${h}.${part({ ...claims, sub: ids.next() })}.${s}`,
        `${h}.${p}.`,
        `${h}.${p}`,
        `${h}..${s}`,
        `${access_token}x`,
        `${access_token}.x.y`,
        part([1]).concat('.', part([1]), '.', s),
        '',
        '.',
        '..',
        'Bearer',
        '\0',
        '\ud800.\ud800.\ud800',
        'é'.repeat(9000),
        `eyJhbGciOiJFZERTQSJ9.${'A'.repeat(9000)}.A`,
      ]
      for (const token of bad)
        expect(await refused(token)).toMatchObject({ code: 'unauthenticated' })
      await credentials.authenticate(access_token)
    })

    test('of our key but for another audience, issuer or without a session are refused', async () => {
      const { access_token } = await signUp()
      const claims = decodeJwt(access_token)
      const kid = decodeProtectedHeader(access_token).kid ?? ''
      const { q, t } = db.dialect
      const stored = await db.one(
        query<{ jwk: string }>(q.select({ jwk: t.signingKeys.privateJwk }).from(t.signingKeys)),
      )
      const key = await crypto.subtle.importKey(
        'jwk',
        JSON.parse(stored?.jwk ?? ''),
        'Ed25519',
        false,
        ['sign'],
      )
      const sign = (payload: JWTPayload) =>
        new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid }).sign(key)
      const { exp: _exp, ...unlimited } = claims
      const { sid: _sid, ...unbound } = claims
      await credentials.authenticate(await sign(claims))
      for (const payload of [
        { ...claims, aud: 'another' },
        { ...claims, iss: 'https://elsewhere.example' },
        { ...claims, exp: clock.now() / 1000 - 1 },
        { ...claims, sub: ids.next() },
        { ...claims, sid: ids.next() },
        { ...claims, sid: "' or 1=1" },
        unlimited,
        unbound,
      ])
        expect(await refused(await sign(payload))).toMatchObject({ code: 'unauthenticated' })
    })
  })
})
