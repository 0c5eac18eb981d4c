import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { instantOf } from '../../../../src/db/instant.ts'
import { compile, everyColumn, rawQuery, write } from '../../../../src/db/statement.ts'
import {
  clock,
  credentials,
  DAY,
  db,
  describeIdentity,
  grace,
  ids,
  MINUTE,
  process,
  refusal,
  refused,
  renew,
  SECOND,
  signIn,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('refreshing', () => {
    test('each token is good once and leads to the next', async () => {
      let { refresh_token } = await signUp()
      for (let i = 0; i < 3; i++) {
        clock.advance(15 * MINUTE)
        const next = await renew(refresh_token)
        expect(next.refresh_token).not.toBe(refresh_token)
        expect(await credentials.authenticate(next.access_token)).toMatchObject({ kind: 'session' })
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
      await credentials.authenticate(access_token)
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
        Array.from({ length: 20 }, (_, i) => renew(refresh_token, i % 2 ? other : credentials)),
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
      await credentials.authenticate(access_token)
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
      await credentials.authenticate(second.access_token)
      clock.advance(MINUTE)
      const third = await signIn()
      expect(await rowsOf('sessions')).toBe(1_000)
      expect((await refused(second.access_token)).detail).toMatch(/session .* has ended/)
      expect((await refusal(() => renew(second.refresh_token))).code).toBe('unauthenticated')
      await credentials.authenticate(first.access_token)
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
      for (const { access_token } of [third, last]) await credentials.authenticate(access_token)
    })

    test('refuses what is no refresh token', async () => {
      const { access_token } = await signUp()
      for (const token of ['', 'tpr_', access_token, `tpr_${'A'.repeat(43)}`, 'tpr_\0'])
        expect(await refusal(() => renew(token))).toMatchObject({ code: 'unauthenticated' })
    })
  })
})
