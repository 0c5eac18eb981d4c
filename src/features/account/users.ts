import { and, eq } from 'drizzle-orm'
import { logChange } from '../../core/change-log.ts'
import { type Ctx, now, onBehalfOf } from '../../core/context.ts'
import { newestPosition } from '../../core/position.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { isUniqueViolation } from '../../db/portable.ts'
import { compile, everyColumn, query, value, type Write, write } from '../../db/statement.ts'
import type { Credentials } from './credentials/credentials.ts'
import type { ExternalClaims } from './credentials/external-issuers.ts'
import { identityOwner } from './openid/identities.ts'

/** The `issuer` of accounts of our own; their subject is the user id. */
export const OWN_ISSUER = ''

/** The clock at which a new user's reminders take a day. */
export const REMINDER_TIME = '09:00'

const statements = perDialect(({ q, t: { users, projects } }) => ({
  bySubject: query<{ id: string }>(
    q
      .select({ id: users.id })
      .from(users)
      .where(
        and(
          eq(users.issuer, value(users.issuer, 'issuer')),
          eq(users.subject, value(users.subject, 'subject')),
        ),
      ),
  ),
  disown: compile(
    q
      .update(users)
      .set({
        issuer: value(users.issuer, 'ours') as never,
        subject: value(users.subject, 'own') as never,
      })
      .where(
        and(
          eq(users.id, value(users.id, 'id')),
          eq(users.issuer, value(users.issuer, 'issuer')),
          eq(users.subject, value(users.subject, 'subject')),
        ),
      ),
  ),
  insertUser: compile(q.insert(users).values(everyColumn(users))),
  insertProject: compile(q.insert(projects).values(everyColumn(projects))),
}))

type WithCredentials = { readonly credentials: Pick<Credentials, 'externalBySub'> }
type Named = Pick<ExternalClaims, 'issuer' | 'subject'>

/**
 * A user who is not stored yet. `email` is folded, `emailShown` as typed; both null for users of
 * other issuers.
 */
export type NewUser = {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  readonly emailShown: string | null
  readonly passwordHash: string | null
  readonly name: string
  readonly timeZone: string
}

/** The writes that make the user `ctx.actor.userId` and their inbox, with its change-log entry. */
export const newUserWrites = (ctx: Ctx, user: NewUser, createdAt: Instant = now(ctx)): Write[] => {
  const { insertUser, insertProject } = statements(ctx.db)
  const { userId } = ctx.actor
  const inboxId = ctx.ids.next()
  const inbox = {
    id: inboxId,
    ownerId: userId,
    name: 'Inbox',
    color: null,
    archived: false,
    inbox: true,
    position: newestPosition(inboxId),
    treeRev: ctx.ids.next(),
    rev: ctx.ids.next(),
    createdAt,
    updatedAt: createdAt,
    gone: false,
    madeOf: null,
  }
  const counts = {
    reminderTime: REMINDER_TIME,
    deletedAt: null,
    checkedSeq: 1,
    seq: 1,
    logFloor: 0,
    taskCount: 0,
    projectCount: 1,
    labelCount: 0,
    keyCount: 0,
    blockersRev: 0,
    bytes: utf8Length(inbox.name),
  }
  return [
    write(insertUser, { ...user, ...counts, id: userId, createdAt }),
    write(insertProject, inbox),
    logChange(ctx, 'project', inboxId, createdAt),
  ]
}

/**
 * Whose this is at an OpenID provider; `kept` where it is stored as an identity. Else it is a user
 * whom the same issuer's tokens made a user.
 */
export const ownerOf = async (
  ctx: Pick<Ctx, 'db'> & WithCredentials,
  { issuer, subject }: Named,
): Promise<{ readonly userId: string; readonly kept: boolean } | undefined> => {
  const owner = await identityOwner(ctx, { issuer, subject })
  if (owner !== undefined) return { userId: owner, kept: true }
  if (!ctx.credentials.externalBySub) return undefined
  const known = await ctx.db.one(statements(ctx.db).bySubject, { issuer, subject })
  return known && { userId: known.id, kept: false }
}

/**
 * Makes a user whom another issuer's tokens made under this name an account of our own; touches no
 * row where it is one.
 */
export const disownUser = (
  { db }: Pick<Ctx, 'db'>,
  id: string,
  { issuer, subject }: Named,
): Write => write(statements(db).disown, { id, ours: OWN_ISSUER, own: id, issuer, subject })

/** The id of the user whom another issuer calls `subject`, if there is one. */
export const findExternalUser = async (
  ctx: Pick<Ctx, 'db'> & WithCredentials,
  { issuer, subject }: Named,
): Promise<string | undefined> =>
  (await ctx.db.one(statements(ctx.db).bySubject, { issuer, subject }))?.id ??
  (ctx.credentials.externalBySub ? await identityOwner(ctx, { issuer, subject }) : undefined)

/** The id of the user whom another issuer calls `subject`, who is made on first sight. */
export const findOrCreateUser = async (
  ctx: Omit<Ctx, 'actor'> & WithCredentials,
  { issuer, subject, name }: Named & Pick<ExternalClaims, 'name'> & Partial<ExternalClaims>,
): Promise<string> => {
  const known = await findExternalUser(ctx, { issuer, subject })
  if (known !== undefined) return known
  const id = ctx.ids.next()
  const user = {
    issuer,
    subject,
    name,
    email: null,
    emailShown: null,
    passwordHash: null,
    timeZone: 'UTC',
  }
  try {
    await ctx.db.atomic(newUserWrites(onBehalfOf(ctx, id), user), { grows: true })
    return id
  } catch (error) {
    // Another request of the same user came first.
    const made = isUniqueViolation(error)
      ? await findExternalUser(ctx, { issuer, subject })
      : undefined
    if (made === undefined) throw error
    return made
  }
}
