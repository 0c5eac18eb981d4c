import { decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { query } from '../../../../src/db/statement.ts'
import type { Credentials } from '../../../../src/features/account/credentials/credentials.ts'
import { login } from '../../../../src/features/account/index.ts'
import {
  ada,
  as,
  clock,
  credentials,
  DAY,
  db,
  describeIdentity,
  MINUTE,
  nobody,
  process,
  refused,
  renew,
  SECOND,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('signing keys', () => {
    const kids = async (by: Credentials) => (await by.jwks()).keys.map((k) => k.kid)
    const kidOf = (token: string) => decodeProtectedHeader(token).kid

    test('are made once and show no private part', async () => {
      const [jwk, ...more] = (await credentials.jwks()).keys
      expect(more).toEqual([])
      expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
      expect(jwk).not.toHaveProperty('d')
      expect(await kids(await process())).toEqual([jwk?.kid])
    })

    test('rotate: the successor is published a day ahead, the old one stays until its tokens are dead', async () => {
      const first = await signUp()
      const [old] = await kids(credentials)
      clock.advance(28 * DAY)
      const second = await renew(first.refresh_token)
      expect(await kids(credentials)).toEqual([old])
      clock.advance(DAY)
      const third = await renew(second.refresh_token)
      expect(kidOf(third.access_token)).toBe(old)
      const published = await kids(credentials)
      expect(published).toHaveLength(2)
      clock.advance(DAY - 1)
      const last = await renew(third.refresh_token)
      expect(kidOf(last.access_token)).toBe(old)
      clock.advance(1)
      const next = await renew(last.refresh_token)
      expect(kidOf(next.access_token)).toBe(published.find((kid) => kid !== old))
      await credentials.authenticate(last.access_token)
      await credentials.authenticate(next.access_token)
      clock.advance(DAY + 15 * MINUTE - 1)
      expect(await kids(credentials)).toEqual(published)
      clock.advance(1)
      expect(await kids(credentials)).toEqual(published.filter((kid) => kid !== old))
    })

    test('of another process are found by their id, asking the database at most every ten seconds', async () => {
      await signUp()
      // seals the key, which this process cannot use from now on
      const other = await process({ authSecret: 'one' })
      const third = await process({ authSecret: 'two' }) // cannot open it, so makes its own
      expect(await kids(third)).toHaveLength(2)
      const { access_token } = await login(as(nobody, third), ada)
      expect((await refused(access_token, other)).detail).toMatch(/does not know/)
      clock.advance(10 * SECOND)
      await Promise.all([other.authenticate(access_token), other.authenticate(access_token)])
    })

    test('are encrypted under AUTH_SECRET; when it changes, a new one is made and old tokens live on', async () => {
      const { access_token } = await signUp()
      const { q, t } = db.dialect
      const stored = async () =>
        (
          await db.all(
            query<{ jwk: string }>(q.select({ jwk: t.signingKeys.privateJwk }).from(t.signingKeys)),
          )
        ).map((k) => k.jwk)
      expect((await stored())[0]).toMatch(/"d"/)

      const sealed = await process({ authSecret: 'one' })
      expect(await stored()).toEqual([expect.stringMatching(/^enc:/)])
      const second = await login(as(nobody, sealed), ada)
      expect(kidOf(second.access_token)).toBe(kidOf(access_token))

      const changed = await process({ authSecret: 'two' })
      const third = await login(as(nobody, changed), ada)
      expect(kidOf(third.access_token)).not.toBe(kidOf(access_token))
      expect(await kids(changed)).toHaveLength(2)
      for (const token of [access_token, second.access_token, third.access_token])
        await changed.authenticate(token)
      expect(await kids(await process({ authSecret: 'two' }))).toHaveLength(2)
      expect(await kids(await process())).toHaveLength(3)
    })
  })
})
