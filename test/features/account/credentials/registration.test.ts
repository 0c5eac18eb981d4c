import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { query, value } from '../../../../src/db/statement.ts'
import {
  createApiKey,
  deleteMe,
  getMe,
  login,
  register,
  updateMe,
} from '../../../../src/features/account/index.ts'
import { createPasswords } from '../../../../src/features/account/passwords/passwords.ts'
import {
  ada,
  as,
  credentials,
  db,
  describeIdentity,
  grace,
  holder,
  nobody,
  refusal,
  refused,
  renew,
  signIn,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('registering and signing in', () => {
    test('a new user has an inbox, its change-log entry, and tokens that work', async () => {
      const { user, ...tokens } = await signUp()
      expect(user).toEqual({
        id: user.id,
        email: 'Ada@example.org',
        name: 'Ada',
        time_zone: 'UTC',
        reminder_time: '09:00',
        created_at: '2026-12-01T09:00:00.000Z',
      })
      expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
      expect(await credentials.authenticate(tokens.access_token)).toMatchObject({
        kind: 'session',
        userId: user.id,
        subject: user.id,
      })
      const { q, t } = db.dialect
      const owned = eq(t.projects.ownerId, value(t.projects.ownerId, 'user'))
      const projects = await db.all(query(q.select().from(t.projects).where(owned)), {
        user: user.id,
      })
      expect(projects).toMatchObject([{ name: 'Inbox', inbox: true, gone: false }])
      const told = eq(t.changes.readerId, value(t.changes.readerId, 'user'))
      const changes = await db.all(query(q.select().from(t.changes).where(told)), { user: user.id })
      expect(changes).toMatchObject([{ entity: 'project', seq: 1, gone: false }])
    })

    test('an address is one account however it is written, and shown as it was typed', async () => {
      await signUp()
      expect(await refusal(() => signUp({ ...ada, email: 'ADA@EXAMPLE.ORG' }))).toMatchObject({
        code: 'email_taken',
      })
      expect((await signIn({ ...ada, email: 'ada@Example.org' })).user.email).toBe(
        'Ada@example.org',
      )
    })

    test('of two at once with one address, one gets it', async () => {
      const outcomes = await Promise.allSettled([signUp(), signUp()])
      expect(outcomes.map((o) => o.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find((o) => o.status === 'rejected')?.reason).toMatchObject({
        code: 'email_taken',
      })
    })

    test('common passwords and the address itself are refused', async () => {
      for (const password of ['password', 'PASSWORD1', 'ada@example.org'])
        expect(await refusal(() => signUp({ ...ada, password }))).toMatchObject({ code: 'invalid' })
      const long = { ...ada, email: 'ada.lovelace@example.org' }
      expect((await refusal(() => signUp({ ...long, password: 'Ada.Lovelace' }))).faults).toEqual([
        'is_email',
      ])
      await signUp(long)
    })

    test('closed registration', async () => {
      expect(
        await refusal(() => register({ ...as(nobody), registration: 'closed' }, ada)),
      ).toMatchObject({ code: 'registration_closed' })
    })

    test('a wrong password and an unknown address get the same answer', async () => {
      await signUp()
      const wrong = await refusal(() => signIn({ ...ada, password: 'a crane on the pier' }))
      expect(wrong.code).toBe('invalid_credentials')
      expect(await refusal(() => signIn(grace))).toEqual(wrong)
    })

    test('a password is the same in every Unicode form', async () => {
      await signUp({ ...ada, password: 'caf\u00e9 au lait' })
      await signIn({ ...ada, password: 'cafe\u0301 au lait' })
    })

    test('a hash with other parameters is renewed at the next sign-in', async () => {
      const { user } = await signUp()
      const stronger = createPasswords({ cost: 5 })
      const { q, t } = db.dialect
      const hash = query<{ hash: string | null }>(
        q
          .select({ hash: t.users.passwordHash })
          .from(t.users)
          .where(eq(t.users.id, value(t.users.id, 'id'))),
      )
      expect((await db.one(hash, { id: user.id }))?.hash).toMatch(/^scrypt\$4\$8\$3\$/)
      await login({ ...as(nobody), credentials: { ...credentials, passwords: stronger } }, ada)
      expect((await db.one(hash, { id: user.id }))?.hash).toMatch(/^scrypt\$5\$8\$3\$/)
      await signIn()
    })
  })

  describe('the account', () => {
    test('is read and patched', async () => {
      const ctx = await holder((await signUp()).access_token)
      const { quotas, running, ...before } = await getMe(ctx)
      expect(running).toEqual([])
      expect(quotas).toMatchObject({
        projects: { used: 1, limit: 10 },
        bytes: { used: 5, limit: 1_000_000 },
      })
      expect(await updateMe(ctx, {})).toEqual(before)
      const after = await updateMe(ctx, { time_zone: 'Europe/Berlin' })
      expect(after).toEqual({ ...before, time_zone: 'Europe/Berlin' })
      expect(await getMe(ctx)).toEqual({ ...after, quotas, running: [] })
    })

    test('goes with everything in it, and only with its password', async () => {
      const { access_token, refresh_token, user } = await signUp()
      await signUp(grace)
      const ctx = await holder(access_token)
      const { key } = await createApiKey(ctx, {
        name: 'Phone',
        scopes: ['tasks:read'],
        expires_at: null,
      })
      expect((await refusal(() => deleteMe(ctx, { password: 'wrong' }))).faults).toEqual(['wrong'])
      await credentials.authenticate(access_token)
      await deleteMe(ctx, { password: ada.password })
      expect((await refused(access_token)).code).toBe('unauthenticated')
      expect((await refused(key)).code).toBe('unauthenticated')
      expect((await refusal(() => renew(refresh_token))).code).toBe('unauthenticated')
      expect((await refusal(() => signIn())).code).toBe('invalid_credentials')
      const { q, t } = db.dialect
      expect(
        (
          await db.all(query<{ id: string }>(q.select({ id: t.projects.ownerId }).from(t.projects)))
        ).map((p) => p.id),
      ).not.toContain(user.id)
      expect(await db.all(query(q.select({ id: t.projects.id }).from(t.projects)))).toHaveLength(1)
      expect(await db.all(query(q.select({ id: t.sessions.id }).from(t.sessions)))).toHaveLength(1)
      await signIn(grace)
    })
  })
})
