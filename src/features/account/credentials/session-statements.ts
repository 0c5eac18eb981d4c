// The statements of sessions and refresh tokens.
import { and, eq, gt, gte, isNotNull, isNull, lte, ne, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { perDialect } from '../../../db/database.ts'
import type { Instant } from '../../../db/instant.ts'
import { compile, everyColumn, placeholders, query, value } from '../../../db/statement.ts'

/**
 * Spent tokens of a session whose rows are kept: for repetitions, and to know a token of an earlier
 * version again.
 */
const SPENT_KEPT = 100
/** Sessions that a user has at most. */
const SESSIONS_KEPT = 1_000
/** What one batch deletes of what is beyond that, at most. */
const [MORE_TOKENS, MORE_SESSIONS] = [500, 10]

type Token = {
  sessionId: string
  userId: string
  salt: string
  spentAt: Instant | null
  expiresAt: Instant
  sessionExpiresAt: Instant
}
export const sessionStatements = perDialect(({ q, t: { sessions, refreshTokens, users } }) => {
  const byId = eq(sessions.id, value(sessions.id, 'id'))
  const ofUser = eq(sessions.userId, value(sessions.userId, 'userId'))
  const alive = gt(sessions.expiresAt, value(sessions.expiresAt, 'now'))
  const ofPresentUser = and(eq(users.id, sessions.userId), isNull(users.deletedAt))
  const ofSession = eq(refreshTokens.sessionId, value(refreshTokens.sessionId, 'sessionId'))
  const byHash = eq(refreshTokens.hash, value(refreshTokens.hash, 'hash'))
  /** Wrapped, because MySQL takes no LIMIT in an IN. */
  const beyond = (
    key: AnyMySqlColumn,
    which: SQL,
    { kept, most }: { kept: number; most: number },
  ) =>
    sql`${key} in (select row_key from (select ${key} as row_key from ${which} limit ${sql.raw(String(most))} offset ${sql.raw(String(kept))}) as older)`
  /**
   * A program that signs in again and again, and never refreshes, ends its own sessions and not
   * those that are in use.
   */
  const isUnused = sql`case when ${sessions.lastUsedAt} > ${sessions.createdAt} then 0 else 1 end`
  const olderSessions = sql`${sessions} where ${ofUser} order by ${isUnused}, ${sessions.lastUsedAt} desc, ${sessions.id} desc`
  const olderTokens = sql`${refreshTokens} where ${ofSession} and ${isNotNull(refreshTokens.spentAt)} order by ${refreshTokens.spentAt} desc`
  return {
    live: query<{ userId: string }>(
      q
        .select({ userId: sessions.userId })
        .from(sessions)
        .innerJoin(users, ofPresentUser)
        .where(and(byId, alive)),
    ),
    token: query<Token>(
      q
        .select({
          sessionId: refreshTokens.sessionId,
          userId: sessions.userId,
          salt: refreshTokens.salt,
          spentAt: refreshTokens.spentAt,
          expiresAt: refreshTokens.expiresAt,
          sessionExpiresAt: sessions.expiresAt,
        })
        .from(refreshTokens)
        .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
        .innerJoin(users, ofPresentUser)
        .where(byHash),
    ),
    between: query<{ sessionId: string; salt: string }>(
      q
        .select({ sessionId: sessions.id, salt: refreshTokens.salt })
        .from(sessions)
        .innerJoin(
          refreshTokens,
          and(eq(refreshTokens.sessionId, sessions.id), isNull(refreshTokens.spentAt)),
        )
        .innerJoin(users, ofPresentUser)
        .where(
          and(
            gte(sessions.id, value(sessions.id, 'from')),
            lte(sessions.id, value(sessions.id, 'to')),
          ),
        ),
    ),
    insert: compile(q.insert(sessions).values(everyColumn(sessions))),
    insertToken: compile(q.insert(refreshTokens).values(everyColumn(refreshTokens))),
    prolong: compile(
      q
        .update(sessions)
        .set(placeholders(['lastUsedAt', 'expiresAt']))
        .where(byId),
    ),
    hold: compile(
      q
        .update(sessions)
        .set(placeholders(['lastUsedAt']))
        .where(and(byId, ofUser)),
    ),
    spend: compile(
      q
        .update(refreshTokens)
        .set(placeholders(['spentAt']))
        .where(and(byHash, isNull(refreshTokens.spentAt))),
    ),
    end: compile(q.delete(sessions).where(byId)),
    endOwn: compile(q.delete(sessions).where(and(byId, ofUser))),
    endOthers: compile(
      q.delete(sessions).where(and(ofUser, ne(sessions.id, value(sessions.id, 'id')))),
    ),
    dropSessions: compile(
      q
        .delete(sessions)
        .where(
          and(
            ofUser,
            beyond(sessions.id, olderSessions, { kept: SESSIONS_KEPT - 1, most: MORE_SESSIONS }),
          ),
        ),
    ),
    dropTokens: compile(
      q
        .delete(refreshTokens)
        .where(
          and(
            ofSession,
            ne(refreshTokens.hash, value(refreshTokens.hash, 'hash')),
            beyond(refreshTokens.hash, olderTokens, { kept: SPENT_KEPT, most: MORE_TOKENS }),
          ),
        ),
    ),
  }
})
