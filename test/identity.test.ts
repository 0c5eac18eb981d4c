// Who is calling: passwords, sessions, keys and tokens, against a real database with real
// cryptography and a clock of the test's own.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Config } from '../src/config.ts'
import type { Actor, Ctx } from '../src/core/context.ts'
import { DomainError } from '../src/core/errors.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import { permitted } from '../src/core/operation.ts'
import type { Database } from '../src/db/database.ts'
import { instantOf } from '../src/db/instant.ts'
import { compile, everyColumn, query, rawQuery, value, write } from '../src/db/statement.ts'
import {
  type AccountCtx,
  changePassword,
  deleteMe,
  endSession,
  getMe,
  listSessions,
  login,
  logout,
  refresh,
  register,
  updateMe,
} from '../src/features/account/index.ts'
import {
  type ApiKeyCtx,
  createApiKey,
  deleteApiKey,
  getApiKey,
  listApiKeys,
} from '../src/features/api-keys/index.ts'
import { type OperationId, operations } from '../src/features/operations.ts'
import { createIdentity, type Identity } from '../src/identity/identity.ts'
import { createPasswords } from '../src/identity/passwords.ts'
import { clear, describeEachDatabase, type Opened } from './support/databases.ts'
import { until } from './support/size.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
const SECRET = 'a secret that two services share, 32 bytes or more'
const JWKS = {
  issuer: 'https://accounts.example',
  audience: 'https://accounts.example',
  subjectClaim: 'sub',
}

type Settings = Partial<
  Pick<Config, 'publicUrl' | 'authSecret' | 'sharedSecret' | 'jwksIssuer' | 'quotas'>
>
const config = (settings: Settings = {}) => ({
  publicUrl: undefined,
  authSecret: undefined,
  sharedSecret: undefined,
  jwksIssuer: undefined,
  quotas: { tasks: 10, projects: 10, labels: 10, keys: 2, bytes: 1_000_000 },
  ...settings,
})

const START = Date.UTC(2026, 11, 1, 9)
const clock = {
  at: START,
  now: () => clock.at,
  advance: (ms: number) => {
    clock.at += ms
  },
}
const ids = createIds(clock)
const passwords = createPasswords({ cost: 4 })

let db: Database
let identity: Identity
/** Another process on the same database. */
const process = (settings: Settings = {}) =>
  createIdentity({ config: config(settings), db, clock, ids, log: silent, passwords })

const nobody: Actor = { kind: 'system', userId: '', subject: '' }
const as = (actor: Actor, by: Identity = identity): AccountCtx & ApiKeyCtx => {
  const ctx: Ctx = { actor, db, clock, ids, log: silent, quotas: config().quotas }
  return { ...ctx, identity: by, registration: 'open', externalApiKeys: false }
}

const ada = {
  email: 'Ada@example.org',
  password: 'a heron on the pier',
  time_zone: 'UTC',
  userAgent: 'test',
}
const grace = { ...ada, email: 'grace@example.org' }
const signUp = (who = ada) => register(as(nobody), who)
const signIn = (who = ada) => login(as(nobody), who)
const renew = (refresh_token: string, by = identity) => refresh(as(nobody, by), { refresh_token })
/** The context of whoever holds this credential. */
const holder = async (credential: string, by = identity) =>
  as(await by.authenticate(credential), by)

/** What each call of an operation begins with. */
const called = (id: OperationId, { actor }: Pick<Ctx, 'actor'>) =>
  permitted<unknown>(operations[id], actor)

/** The code and words of the refusal that this ends in. */
const refusal = async (
  attempt: () => unknown,
): Promise<{ code: string; detail: string; faults: string[] }> => {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof DomainError)
      return { code: error.code, detail: error.message, faults: error.faults.map((f) => f.code) }
    throw error
  }
  throw new Error('nothing was refused')
}
const refused = (credential: string, by = identity) => refusal(() => by.authenticate(credential))

describeEachDatabase('identity', (open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
    db = opened.db
  })
  afterAll(() => opened.close())
  beforeEach(async () => {
    clock.at = START
    await clear(db)
    identity = await process()
  })

  describe('registering and signing in', () => {
    test('a new user has an inbox, its change-log entry, and tokens that work', async () => {
      const { user, ...tokens } = await signUp()
      expect(user).toEqual({
        id: user.id,
        email: 'Ada@example.org',
        name: 'Ada',
        time_zone: 'UTC',
        created_at: '2026-12-01T09:00:00.000Z',
      })
      expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
      expect(await identity.authenticate(tokens.access_token)).toMatchObject({
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
      await login({ ...as(nobody), identity: { ...identity, passwords: stronger } }, ada)
      expect((await db.one(hash, { id: user.id }))?.hash).toMatch(/^scrypt\$5\$8\$3\$/)
      await signIn()
    })
  })

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

  describe('refreshing', () => {
    test('each token is good once and leads to the next', async () => {
      let { refresh_token } = await signUp()
      for (let i = 0; i < 3; i++) {
        clock.advance(15 * MINUTE)
        const next = await renew(refresh_token)
        expect(next.refresh_token).not.toBe(refresh_token)
        expect(await identity.authenticate(next.access_token)).toMatchObject({ kind: 'session' })
        refresh_token = next.refresh_token
      }
    })

    test('a lost answer: the repetition within ten seconds gets the same successor', async () => {
      const { refresh_token: spent } = await signUp()
      const first = await renew(spent)
      clock.advance(10 * SECOND)
      expect((await renew(spent)).refresh_token).toBe(first.refresh_token)
      await renew(first.refresh_token)
    })

    test('a repetition after ten seconds ends the session', async () => {
      const { refresh_token: spent, access_token } = await signUp()
      const { refresh_token: successor } = await renew(spent)
      await identity.authenticate(access_token)
      clock.advance(10 * SECOND + 1)
      expect((await refusal(() => renew(spent))).detail).toMatch(/used before/)
      expect((await refusal(() => renew(successor))).code).toBe('unauthenticated')
      expect((await refused(access_token)).detail).toMatch(/session .* has ended/)
    })

    test('a repetition once the successor was used ends the session', async () => {
      const { refresh_token: spent } = await signUp()
      const { refresh_token: successor } = await renew(spent)
      const { refresh_token: third } = await renew(successor)
      expect((await refusal(() => renew(spent))).detail).toMatch(/used before/)
      expect((await refusal(() => renew(third))).code).toBe('unauthenticated')
    })

    test('many at once get the same successor, and the session goes on', async () => {
      const { refresh_token } = await signUp()
      const other = await process()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => renew(refresh_token, i % 2 ? other : identity)),
      )
      const [successor, ...more] = new Set(answers.map((a) => a.refresh_token))
      expect(more).toEqual([])
      await renew(successor ?? '')
    })

    test('expires after thirty days, each counted from the last use', async () => {
      const { refresh_token } = await signUp()
      clock.advance(29 * DAY)
      const next = await renew(refresh_token)
      clock.advance(29 * DAY)
      const last = await renew(next.refresh_token)
      clock.advance(30 * DAY)
      expect((await refusal(() => renew(last.refresh_token))).detail).toMatch(/expired/)
    })

    const rowsOf = async (table: 'sessions' | 'refresh_tokens') =>
      Number((await db.one(rawQuery<{ n: number }>(`select count(*) from ${table}`, ['n'])))?.n)
    const renewTimes = async (token: string, times: number): Promise<string[]> => {
      const tokens = [token]
      for (let i = 0; i < times; i++) {
        clock.advance(SECOND)
        tokens.push((await renew(tokens.at(-1) ?? '')).refresh_token)
      }
      return tokens
    }

    test('a session keeps its last hundred spent tokens, however often it is refreshed', async () => {
      const tokens = await renewTimes((await signUp()).refresh_token, 130)
      expect(await rowsOf('refresh_tokens')).toBe(101)
      await renew(tokens.at(-1) ?? '')
    })

    test('a spent token of which no row is left ends the session as any other does', async () => {
      const { refresh_token, access_token } = await signUp()
      const tokens = await renewTimes(refresh_token, 105)
      await identity.authenticate(access_token)
      expect((await refusal(() => renew(tokens[2] ?? ''))).detail).toMatch(/used before/)
      expect((await refusal(() => renew(tokens.at(-1) ?? ''))).code).toBe('unauthenticated')
      expect((await refused(access_token)).detail).toMatch(/session .* has ended/)
    })

    test('also one that was spent when the clock was behind: the token that was just spent is kept', async () => {
      const tokens = await renewTimes((await signUp()).refresh_token, 101)
      clock.advance(-DAY)
      const next = await renew(tokens.at(-1) ?? '')
      expect((await renew(tokens.at(-1) ?? '')).refresh_token, 'the answer was lost').toBe(
        next.refresh_token,
      )
    })

    test('a token that was made up for a session, or of another one, ends nothing', async () => {
      const { refresh_token } = await signUp()
      const { refresh_token: of } = await signUp(grace)
      const bytes = (token: string) => Buffer.from(token.slice(4), 'base64url')
      const [own, other] = [bytes(refresh_token), bytes(of)]
      const forged = [
        Buffer.concat([other.subarray(0, 8), own.subarray(8)]),
        Buffer.concat([other.subarray(0, 8), crypto.getRandomValues(new Uint8Array(24))]),
        Buffer.concat([other.subarray(0, 24), own.subarray(24)]),
      ]
      for (const token of forged)
        expect((await refusal(() => renew(`tpr_${token.toString('base64url')}`))).detail).toMatch(
          /unknown/,
        )
      await renew(of)
      await renew(refresh_token)
    })

    test('a token of an earlier version goes on', async () => {
      const { refresh_token } = await signUp()
      const token = `tpr_${'A'.repeat(43)}`
      const hash = (text: string) => createHash('sha256').update(text).digest('hex')
      const [was, is] = [hash(refresh_token), hash(token)]
      await db.atomic([
        {
          statement: {
            text: `update refresh_tokens set hash = '${is}' where hash = '${was}'`,
            bind: () => [],
          },
          values: {},
        },
      ])
      const tokens = await renewTimes(token, 3)
      expect((await refusal(() => renew(tokens[1] ?? ''))).detail).toMatch(/used before/)
    })

    test('a user has a thousand sessions: of more, the oldest that was never refreshed ends, else the one that was so longest ago', async () => {
      const first = await signUp()
      const second = await signIn()
      clock.advance(MINUTE)
      await renew(first.refresh_token)
      clock.advance(MINUTE)
      const userId = first.user.id
      const row = (createdAt: string, lastUsedAt: string) => {
        const expiresAt = instantOf(clock.now() + DAY)
        return { id: ids.next(), userId, userAgent: null, createdAt, lastUsedAt, expiresAt }
      }
      const insert = async (count: number, ...times: Parameters<typeof row>) => {
        const { q, t } = db.dialect
        const statement = compile(q.insert(t.sessions).values(everyColumn(t.sessions)))
        for (let left = count; left > 0; left -= 100)
          await db.atomic(
            Array.from({ length: Math.min(100, left) }, () => write(statement, row(...times))),
          )
      }
      const at = instantOf(clock.now())
      await insert(998, at, at)
      await identity.authenticate(second.access_token)
      clock.advance(MINUTE)
      const third = await signIn()
      expect(await rowsOf('sessions')).toBe(1_000)
      expect((await refused(second.access_token)).detail).toMatch(/session .* has ended/)
      expect((await refusal(() => renew(second.refresh_token))).code).toBe('unauthenticated')
      await identity.authenticate(first.access_token)
      await db.atomic([
        write(
          compile(
            db.dialect.q
              .delete(db.dialect.t.sessions)
              .where(eq(db.dialect.t.sessions.createdAt, at)),
          ),
          {},
        ),
      ])
      clock.advance(MINUTE)
      await insert(998, at, instantOf(clock.now()))
      await renew(third.refresh_token)
      clock.advance(MINUTE)
      const last = await signIn()
      expect(await rowsOf('sessions')).toBe(1_000)
      expect((await refused(first.access_token)).detail).toMatch(/session .* has ended/)
      for (const { access_token } of [third, last]) await identity.authenticate(access_token)
    })

    test('refuses what is no refresh token', async () => {
      const { access_token } = await signUp()
      for (const token of ['', 'tpr_', access_token, `tpr_${'A'.repeat(43)}`, 'tpr_\0'])
        expect(await refusal(() => renew(token))).toMatchObject({ code: 'unauthenticated' })
    })
  })

  describe('sessions', () => {
    test('are listed newest first, page by page, without expired ones and those of others', async () => {
      await signUp()
      clock.advance(31 * DAY)
      await signUp(grace)
      const tokens = []
      for (const userAgent of ['one', 'two', 'three'])
        tokens.push((await signIn({ ...ada, userAgent })).access_token)
      const ctx = await holder(tokens[1] ?? '')
      const first = await listSessions(ctx, { limit: 2 })
      expect(first.items.map((s) => [s.user_agent, s.current])).toEqual([
        ['three', false],
        ['two', true],
      ])
      const second = await listSessions(ctx, { limit: 2, cursor: first.next_cursor ?? '' })
      expect(second).toMatchObject({ items: [{ user_agent: 'one' }], next_cursor: null })
    })

    test('end at once in this process, and everywhere within thirty seconds', async () => {
      const { access_token } = await signUp()
      const other = await process()
      await other.authenticate(access_token)
      await logout(await holder(access_token))
      expect((await refused(access_token)).detail).toMatch(/has ended/)
      clock.advance(30 * SECOND)
      expect((await refused(access_token, other)).detail).toMatch(/has ended/)
    })

    test('are ended by their owner only', async () => {
      const mine = await signUp()
      const hers = await signUp(grace)
      const ctx = await holder(mine.access_token)
      const [session] = (await listSessions(ctx, { limit: 1 })).items
      const id = session?.id ?? ''
      expect(
        await refusal(async () => endSession(await holder(hers.access_token), { id })),
      ).toMatchObject({ code: 'not_found' })
      await identity.authenticate(mine.access_token)
      await endSession(ctx, { id })
      expect(await refused(mine.access_token)).toMatchObject({ code: 'unauthenticated' })
      await identity.authenticate(hers.access_token)
    })

    test('one that is remembered is looked up again after the clock was set back: it may have ended at another process', async () => {
      const { access_token, user } = await signUp()
      const actor = (await identity.authenticate(access_token)) as Extract<
        Actor,
        { kind: 'session' }
      >
      expect(identity.authenticate(access_token)).not.toBeInstanceOf(Promise)
      const other = await process()
      await endSession(as({ ...actor, userId: user.id }, other), { id: actor.sessionId })
      clock.advance(-60 * MINUTE)
      expect((await refused(access_token)).detail).toMatch(/session of this token has ended/)
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
      await identity.authenticate(key)
      await identity.authenticate(there.access_token)

      const change = { current_password: ada.password, new_password: 'two herons on the pier' }
      expect(
        (await refusal(() => changePassword(ctx, { ...change, current_password: 'wrong' }))).faults,
      ).toEqual(['wrong'])
      expect(
        (await refusal(() => changePassword(ctx, { ...change, new_password: 'password1' }))).faults,
      ).toEqual(['common'])
      await identity.authenticate(key)
      await changePassword(ctx, change)

      expect((await refused(key)).code).toBe('unauthenticated')
      expect((await refused(there.access_token)).code).toBe('unauthenticated')
      expect((await refusal(() => renew(there.refresh_token))).code).toBe('unauthenticated')
      await identity.authenticate(here.access_token)
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
      await identity.authenticate(access_token)
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
      expect(await identity.authenticate(key)).toEqual({
        kind: 'key',
        userId: ctx.actor.userId,
        subject: ctx.actor.subject,
        keyId: made.id,
        scopes: ['tasks:read', 'labels:write'],
      })
      clock.at = Date.parse('2026-12-30T23:59:59.999Z')
      await identity.authenticate(key)
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
      await identity.authenticate(key)
      const asked: string[] = []
      const watched: Database = {
        ...db,
        one: (q, values) => {
          asked.push(q.text)
          return db.one(q, values)
        },
      }
      const other = await createIdentity({
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
      await identity.authenticate(key)
      // no request waits for the note, so the test has to
      await until(async () => (await noted()) === first)
      clock.advance(45 * SECOND)
      await identity.authenticate(key)
      expect(await noted()).toBe(first)
      clock.advance(30 * SECOND)
      await identity.authenticate(key)
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
      await identity.authenticate(one.key)
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

  describe('access tokens', () => {
    test('say what they are for, and stop after fifteen minutes', async () => {
      const { access_token, user } = await signUp()
      const claims = decodeJwt(access_token)
      expect(claims).toMatchObject({
        iss: identity.issuer,
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
      await identity.authenticate(access_token)
      clock.advance(1)
      expect((await refused(access_token)).detail).toMatch(/expired/)
    })

    test('the issuer is decided at the first boot', async () => {
      expect(identity.issuer).toMatch(/^urn:taskport:/)
      expect((await process({ publicUrl: 'https://tasks.example' })).issuer).toBe(identity.issuer)
    })

    test('whatever else is presented is refused, and the real one goes on', async () => {
      const { access_token } = await signUp()
      await identity.authenticate(access_token)
      identity.forget()
      const claims = decodeJwt(access_token)
      const header = decodeProtectedHeader(access_token)
      const [h = '', p = '', s = ''] = access_token.split('.')
      const [jwk] = (await identity.jwks()).keys
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
      await identity.authenticate(access_token)
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
      await identity.authenticate(await sign(claims))
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

  describe('signing keys', () => {
    const kids = async (by: Identity) => (await by.jwks()).keys.map((k) => k.kid)
    const kidOf = (token: string) => decodeProtectedHeader(token).kid

    test('are made once and show no private part', async () => {
      const [jwk, ...more] = (await identity.jwks()).keys
      expect(more).toEqual([])
      expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
      expect(jwk).not.toHaveProperty('d')
      expect(await kids(await process())).toEqual([jwk?.kid])
    })

    test('rotate: the successor is published a day ahead, the old one stays until its tokens are dead', async () => {
      const first = await signUp()
      const [old] = await kids(identity)
      clock.advance(28 * DAY)
      const second = await renew(first.refresh_token)
      expect(await kids(identity)).toEqual([old])
      clock.advance(DAY)
      const third = await renew(second.refresh_token)
      expect(kidOf(third.access_token)).toBe(old)
      const published = await kids(identity)
      expect(published).toHaveLength(2)
      clock.advance(DAY - 1)
      const last = await renew(third.refresh_token)
      expect(kidOf(last.access_token)).toBe(old)
      clock.advance(1)
      const next = await renew(last.refresh_token)
      expect(kidOf(next.access_token)).toBe(published.find((kid) => kid !== old))
      await identity.authenticate(last.access_token)
      await identity.authenticate(next.access_token)
      clock.advance(DAY + 15 * MINUTE - 1)
      expect(await kids(identity)).toEqual(published)
      clock.advance(1)
      expect(await kids(identity)).toEqual(published.filter((kid) => kid !== old))
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

  describe('a shared secret', () => {
    const sign = (payload: JWTPayload, { secret = SECRET, alg = 'HS256' } = {}) =>
      new SignJWT({ exp: clock.now() / 1000 + 3600, ...payload })
        .setProtectedHeader({ alg })
        .sign(new TextEncoder().encode(secret))
    let shared: Identity
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
        const external = await process({ jwksIssuer: { url, ...JWKS } })
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
      },
    )

    test('an issuer of the same name as ours is told apart by its keys', async () => {
      const { jwk, sign } = await issue('EdDSA')
      const url = await serve(() => ({ status: 200, body: JSON.stringify({ keys: [jwk] }) }))
      const external = await process({ jwksIssuer: { url, ...JWKS, issuer: identity.issuer } })
      expect(
        await external.authenticate(await sign({ sub: 'ada', iss: identity.issuer })),
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
