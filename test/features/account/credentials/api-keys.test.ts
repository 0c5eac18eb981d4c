import { describe, expect, test } from 'vitest'
import { silent } from '../../../../src/core/log.ts'
import type { Database } from '../../../../src/db/database.ts'
import { createCredentials } from '../../../../src/features/account/credentials/credentials.ts'
import {
  createApiKey,
  deleteApiKey,
  getApiKey,
  listApiKeys,
} from '../../../../src/features/account/index.ts'
import { until } from '../../../support/size.ts'
import {
  called,
  clock,
  config,
  credentials,
  db,
  describeIdentity,
  grace,
  holder,
  ids,
  passwords,
  refusal,
  refused,
  SECOND,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('API keys', () => {
    const phone = { name: 'Phone', scopes: ['tasks:read' as const], expires_at: null }
    const owner = async () => holder((await signUp()).access_token)

    test('work until they expire', async () => {
      const ctx = await owner()
      const { key, ...made } = await createApiKey(ctx, {
        ...phone,
        expires_at: '2026-12-31T01:00:00+01:00',
        scopes: ['tasks:read', 'labels:write'],
      })
      expect(key).toMatch(/^tpk_[\w-]{49}$/)
      expect(made).toMatchObject({
        prefix: key.slice(0, 12),
        scopes: ['tasks:read', 'labels:write'],
        expires_at: '2026-12-31T00:00:00.000Z',
      })
      expect(await getApiKey(ctx, { id: made.id })).toEqual(made)
      expect(await credentials.authenticate(key)).toEqual({
        kind: 'key',
        userId: ctx.actor.userId,
        subject: ctx.actor.subject,
        keyId: made.id,
        scopes: ['tasks:read', 'labels:write'],
      })
      clock.at = Date.parse('2026-12-30T23:59:59.999Z')
      await credentials.authenticate(key)
      clock.advance(1)
      expect((await refused(key)).detail).toMatch(/expired/)
    })

    test('expire in the future', async () => {
      const ctx = await owner()
      const expires_at = new Date(clock.now()).toISOString()
      expect((await refusal(() => createApiKey(ctx, { ...phone, expires_at }))).faults).toEqual([
        'past',
      ])
    })

    test('carry a checksum, which is looked at before the database', async () => {
      const { key } = await createApiKey(await owner(), phone)
      await credentials.authenticate(key)
      const asked: string[] = []
      const watched: Database = {
        ...db,
        one: (q, values) => {
          asked.push(q.text)
          return db.one(q, values)
        },
      }
      const other = await createCredentials({
        config: config(),
        db: watched,
        clock,
        ids,
        log: silent,
        passwords,
      })
      asked.length = 0
      const flipped = key.slice(0, 10) + (key[10] === 'A' ? 'B' : 'A') + key.slice(11)
      for (const wrong of [
        flipped,
        key.slice(0, -1),
        `${key}A`,
        'tpk_',
        `tpk_${'A'.repeat(49)}`,
        key.toUpperCase(),
      ])
        expect(await refused(wrong, other)).toMatchObject({ code: 'unauthenticated' })
      expect(asked).toEqual([])
      await other.authenticate(key)
      expect(asked).toHaveLength(1)
    })

    test('note their last use at most once a minute', async () => {
      const ctx = await owner()
      const { key, id } = await createApiKey(ctx, phone)
      const noted = async () => (await getApiKey(ctx, { id })).last_used_at
      const first = new Date(clock.now()).toISOString()
      await credentials.authenticate(key)
      // no request waits for the note, so the test has to
      await until(async () => (await noted()) === first)
      clock.advance(45 * SECOND)
      await credentials.authenticate(key)
      expect(await noted()).toBe(first)
      clock.advance(30 * SECOND)
      await credentials.authenticate(key)
      await until(async () => (await noted()) === new Date(clock.now()).toISOString())
    })

    test('are listed, deleted and counted', async () => {
      const ctx = await owner()
      const one = await createApiKey(ctx, { ...phone, name: 'one' })
      await createApiKey(ctx, { ...phone, name: 'two' })
      expect((await refusal(() => createApiKey(ctx, phone))).code).toBe('quota_exceeded')
      const page = await listApiKeys(ctx, { limit: 1 })
      expect(page.items.map((k) => k.name)).toEqual(['two'])
      expect(
        (await listApiKeys(ctx, { limit: 1, cursor: page.next_cursor ?? '' })).items.map(
          (k) => k.name,
        ),
      ).toEqual(['one'])

      const other = await holder((await signUp(grace)).access_token)
      expect((await refusal(() => deleteApiKey(other, { id: one.id }))).code).toBe('not_found')
      expect((await refusal(() => getApiKey(other, { id: one.id }))).code).toBe('not_found')
      await credentials.authenticate(one.key)
      await deleteApiKey(ctx, { id: one.id })
      expect((await refused(one.key)).detail).toMatch(/deleted/)
      await createApiKey(ctx, phone)
    })

    test('do no more than their scopes, and nothing to the account', async () => {
      const ctx = await owner()
      const { key } = await createApiKey(ctx, phone)
      const keyed = await holder(key)
      expect((await refusal(() => called('getMe', keyed))).code).toBe('insufficient_scope')
      for (const id of [
        'listApiKeys',
        'createApiKey',
        'listSessions',
        'logout',
        'updateMe',
        'changePassword',
        'deleteMe',
      ] as const)
        expect((await refusal(() => called(id, keyed))).code, id).toBe('session_required')
    })
  })
})
