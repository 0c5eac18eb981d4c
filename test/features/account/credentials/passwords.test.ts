import { describe, expect, test } from 'vitest'
import { changePassword, createApiKey } from '../../../../src/features/account/index.ts'
import { createPasswords } from '../../../../src/features/account/passwords/passwords.ts'
import {
  ada,
  credentials,
  describeIdentity,
  holder,
  passwords,
  refusal,
  refused,
  renew,
  signIn,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('passwords', () => {
    test('verify only what they hashed, and never without a hash', async () => {
      const stored = await passwords.hash('a heron on the pier')
      expect(await passwords.verify('a heron on the pier', stored)).toBe(true)
      expect(await passwords.verify('a heron on the pier ', stored)).toBe(false)
      for (const nothing of [undefined, null, '', 'scrypt$4$8$3$x$y', 'plain'])
        expect(await passwords.verify('', nothing)).toBe(false)
    })

    test('beyond twenty who wait at one place, more are sent away and those get their turn', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 30 }, () => passwords.hash('a heron on the pier')),
      )
      expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(22)
      expect(outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason.code] : []))).toEqual(
        Array(8).fill('unavailable'),
      )
      await passwords.hash('a heron on the pier')
    })

    test('the standard parameters', async () => {
      const standard = createPasswords()
      const stored = await standard.hash('a heron on the pier')
      expect(stored).toMatch(/^scrypt\$15\$8\$3\$/)
      expect(standard.needsRehash(stored)).toBe(false)
      expect(standard.needsRehash(await passwords.hash('x'))).toBe(true)
      expect(await standard.verify('a heron on the pier', stored)).toBe(true)
    })
  })

  describe('changing the password', () => {
    test('ends all other sessions and deletes all keys, and this session goes on', async () => {
      const here = await signUp()
      const there = await signIn()
      const ctx = await holder(here.access_token)
      const { key } = await createApiKey(ctx, {
        name: 'Phone',
        scopes: ['tasks:read'],
        expires_at: null,
      })
      await credentials.authenticate(key)
      await credentials.authenticate(there.access_token)

      const change = { current_password: ada.password, new_password: 'two herons on the pier' }
      expect(
        (await refusal(() => changePassword(ctx, { ...change, current_password: 'wrong' }))).faults,
      ).toEqual(['wrong'])
      expect(
        (await refusal(() => changePassword(ctx, { ...change, new_password: 'password1' }))).faults,
      ).toEqual(['common'])
      await credentials.authenticate(key)
      await changePassword(ctx, change)

      expect((await refused(key)).code).toBe('unauthenticated')
      expect((await refused(there.access_token)).code).toBe('unauthenticated')
      expect((await refusal(() => renew(there.refresh_token))).code).toBe('unauthenticated')
      await credentials.authenticate(here.access_token)
      await renew(here.refresh_token)
      expect((await refusal(() => signIn())).code).toBe('invalid_credentials')
      await signIn({ ...ada, password: change.new_password })
      // The counter went with the keys.
      for (const name of ['one', 'two'])
        await createApiKey(ctx, { name, scopes: ['tasks:read'], expires_at: null })
    })

    test('a session that it ended makes no key, even where it is still remembered', async () => {
      const here = await signUp()
      const there = await signIn()
      const stolen = await holder(there.access_token)
      await changePassword(await holder(here.access_token), {
        current_password: ada.password,
        new_password: 'two herons on the pier',
      })
      const make = () =>
        createApiKey(stolen, { name: 'Backdoor', scopes: ['tasks:read'], expires_at: null })
      expect((await refusal(make)).code).toBe('unauthenticated')
    })
  })
})
