import { and, asc, desc, eq, gt, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { type Ctx, now, type Quotas } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import { fold, foldAsBefore } from '../../core/text.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/portable.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { isFoldedAddress, type Session, type User, type UserPatch } from './schemas.ts'

/** A user with the stored password hash; null for users of other issuers. */
export type UserWithPassword = User & { readonly passwordHash: string | null }

/** A user as operators see them. `issuer` is '' for accounts of this service. */
export type UserWithCounts = UserWithPassword &
  Quotas & { readonly issuer: string; readonly subject: string }

/** The column of each field that a PATCH changes. */
const profileColumns = {
  name: 'name',
  time_zone: 'timeZone',
  reminder_time: 'reminderTime',
} as const satisfies Record<keyof UserPatch, string>

const statements = perDialect(({ q, t: { users, sessions } }) => {
  const shape = {
    id: users.id,
    email: users.emailShown,
    name: users.name,
    time_zone: users.timeZone,
    reminder_time: users.reminderTime,
    created_at: users.createdAt,
  }
  const withPassword = (where: SQL) =>
    query<UserWithPassword>(
      q
        .select({ ...shape, passwordHash: users.passwordHash })
        .from(users)
        .where(where),
    )
  const byId = and(eq(users.id, value(users.id, 'id')), isNull(users.deletedAt)) as SQL
  const counts = {
    tasks: users.taskCount,
    projects: users.projectCount,
    labels: users.labelCount,
    keys: users.keyCount,
    bytes: users.bytes,
  }
  const everyone = (where: SQL) =>
    query<UserWithCounts>(
      q
        .select({
          ...shape,
          ...counts,
          passwordHash: users.passwordHash,
          issuer: users.issuer,
          subject: users.subject,
        })
        .from(users)
        .where(and(isNull(users.deletedAt), where))
        .orderBy(asc(users.id))
        .limit(sql.placeholder('limit')),
    )
  const stillVerified = and(byId, eq(users.passwordHash, value(users.passwordHash, 'verified')))
  const stillAsRead = Object.values(profileColumns).map((column) =>
    eq(users[column], value(users[column], `was_${column}`)),
  )
  const sessionPage = (...seek: SQL[]) =>
    query<Omit<Session, 'current'>>(
      q
        .select({
          id: sessions.id,
          created_at: sessions.createdAt,
          last_used_at: sessions.lastUsedAt,
          user_agent: sessions.userAgent,
        })
        .from(sessions)
        .where(
          ofAccount(
            sessions.userId,
            gt(sessions.expiresAt, value(sessions.expiresAt, 'now')),
            ...seek,
          ),
        )
        .orderBy(desc(sessions.id))
        .limit(sql.placeholder('limit')),
    )
  return {
    byId: withPassword(byId),
    withCounts: query<User & Quotas>(
      q
        .select({
          ...shape,
          ...counts,
        })
        .from(users)
        .where(byId),
    ),
    usersAfter: everyone(gt(users.id, value(users.id, 'id'))),
    userAt: everyone(eq(users.id, value(users.id, 'id'))),
    byEmail: withPassword(eq(users.email, value(users.email, 'email'))),
    byEither: query<UserWithPassword & { readonly stored: string | null }>(
      q
        .select({ ...shape, passwordHash: users.passwordHash, stored: users.email })
        .from(users)
        .where(
          or(
            eq(users.email, value(users.email, 'email')),
            eq(users.email, value(users.email, 'before')),
          ),
        ),
    ),
    refold: compile(
      q
        .update(users)
        .set({ email: value(users.email, 'email') as never })
        .where(and(byId, eq(users.email, value(users.email, 'was')))),
    ),
    emailOf: query<{ email: string | null; shown: string | null }>(
      q.select({ email: users.email, shown: users.emailShown }).from(users).where(byId),
    ),
    setPassword: compile(
      q
        .update(users)
        .set(placeholders(['passwordHash']))
        .where(stillVerified),
    ),
    setFirstPassword: compile(
      q
        .update(users)
        .set(placeholders(['passwordHash']))
        .where(and(byId, isNull(users.passwordHash))),
    ),
    setProfile: compile(
      q
        .update(users)
        .set(placeholders(Object.values(profileColumns)))
        .where(and(byId, ...stillAsRead)),
    ),
    firstSessions: sessionPage(),
    sessionsAfter: sessionPage(lt(sessions.id, value(sessions.id, 'id'))),
  }
})

export const findUser = (ctx: Pick<Ctx, 'db'>, id: string): Promise<UserWithPassword | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { id })

/** The caller, with how much there is of what quotas limit. */
export const findCaller = (ctx: Ctx): Promise<(User & Quotas) | undefined> =>
  ctx.db.one(statements(ctx.db).withCounts, { id: ctx.actor.userId })

/**
 * The account of this e-mail address, as it was typed. Where an earlier version took two addresses
 * that are one now for two accounts, each is found by its own, which is stored as it was folded.
 */
export const findByEmail = async (
  { db }: Pick<Ctx, 'db'>,
  typed: string,
): Promise<UserWithPassword | undefined> => {
  const [email, before] = [fold(typed), foldAsBefore(typed)]
  if (email === before) return db.one(statements(db).byEmail, { email })
  const found = await db.all(statements(db).byEither, { email, before })
  const own = found.find(({ stored }) => stored === before) ?? found[0]
  if (!own) return undefined
  const { stored: _, ...user } = own
  return user
}

/**
 * Stores the caller's e-mail address as it is folded now, unless another account has it: then it
 * stays as it is. Answers whether it changed.
 */
export const refoldEmail = async ({ db, actor }: Pick<Ctx, 'db' | 'actor'>): Promise<boolean> => {
  const id = actor.userId
  const found = await db.one(statements(db).emailOf, { id })
  if (!found || found.email === null || found.shown === null) return false
  const email = fold(found.shown)
  if (email === found.email || !isFoldedAddress(email)) return false
  try {
    const was = found.email
    return (await db.atomic([write(statements(db).refold, { id, email, was })])) !== 'stale'
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** Users with what they own, in the order of their ids, from behind `after`. */
export const pageOfUsers = (
  ctx: Pick<Ctx, 'db'>,
  limit: number,
  after: string,
): Promise<UserWithCounts[]> => ctx.db.all(statements(ctx.db).usersAfter, { id: after, limit })

export const findUserWithCounts = (
  ctx: Pick<Ctx, 'db'>,
  id: string,
): Promise<UserWithCounts | undefined> => ctx.db.one(statements(ctx.db).userAt, { id, limit: 1 })

/**
 * Touches no row when the password is no longer the one whose hash was `verified`; null: when there
 * is one by now.
 */
export const setPasswordHash = (
  ctx: Pick<Ctx, 'db'>,
  id: string,
  verified: string | null,
  passwordHash: string,
): Write =>
  verified === null
    ? write(statements(ctx.db).setFirstPassword, { id, passwordHash })
    : write(statements(ctx.db).setPassword, { id, verified, passwordHash })

/** Touches no row when the profile is no longer as it was `before`. */
export const setProfile = (ctx: Pick<Ctx, 'db'>, before: User, user: User): Write => {
  const values: Record<string, unknown> = { id: user.id }
  for (const field of Object.keys(profileColumns) as (keyof typeof profileColumns)[]) {
    values[profileColumns[field]] = user[field]
    values[`was_${profileColumns[field]}`] = before[field]
  }
  return write(statements(ctx.db).setProfile, values)
}

/** The caller's live sessions, newest first, from behind `place`. */
export const pageOfSessions = (
  ctx: Ctx,
  limit: number,
  place: Place | undefined,
): Promise<Omit<Session, 'current'>[]> => {
  const { firstSessions, sessionsAfter } = statements(ctx.db)
  return ctx.db.all(place ? sessionsAfter : firstSessions, {
    reader: ctx.actor.userId,
    now: now(ctx),
    limit,
    ...place,
  })
}
