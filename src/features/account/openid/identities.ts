// Who users are at OpenID providers.
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { type Ctx, now } from '../../../core/context.ts'
import type { Place } from '../../../core/paging.ts'
import { ofAccount } from '../../../core/visibility.ts'
import { perDialect } from '../../../db/database.ts'
import type { Instant } from '../../../db/instant.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../../../db/statement.ts'
import type { OpenIdClaims } from './openid.ts'

/** A stored identity: one user's name at one provider. */
export type IdentityRow = {
  id: string
  issuer: string
  subject: string
  createdAt: Instant
  lastUsedAt: Instant
}
type Named = Pick<OpenIdClaims, 'issuer' | 'subject'>

const statements = perDialect(({ q, t: { identities } }) => {
  const shown = {
    id: identities.id,
    issuer: identities.issuer,
    subject: identities.subject,
    createdAt: identities.createdAt,
    lastUsedAt: identities.lastUsedAt,
  }
  const named = and(
    eq(identities.issuer, value(identities.issuer, 'issuer')),
    eq(identities.subject, value(identities.subject, 'subject')),
  )
  const own = ofAccount(identities.userId, eq(identities.id, value(identities.id, 'id')))
  const page = (after: boolean) =>
    query<IdentityRow>(
      q
        .select(shown)
        .from(identities)
        .where(
          ofAccount(
            identities.userId,
            after ? gt(identities.id, value(identities.id, 'id')) : undefined,
          ),
        )
        .orderBy(asc(identities.id))
        .limit(sql.placeholder('limit')),
    )
  return {
    owner: query<{ userId: string }>(
      q.select({ userId: identities.userId }).from(identities).where(named),
    ),
    insert: compile(q.insert(identities).values(everyColumn(identities))),
    used: compile(
      q
        .update(identities)
        .set(placeholders(['lastUsedAt']))
        .where(ofAccount(identities.userId, named)),
    ),
    first: page(false),
    after: page(true),
    named: query<IdentityRow>(
      q.select(shown).from(identities).where(ofAccount(identities.userId, named)),
    ),
    one: query<IdentityRow>(q.select(shown).from(identities).where(own)),
    hold: compile(
      q
        .update(identities)
        .set({ lastUsedAt: sql`${identities.lastUsedAt}` as never })
        .where(own),
    ),
    remove: compile(q.delete(identities).where(own)),
  }
})

/** The user whose identity this is. */
export const identityOwner = async (
  { db }: Pick<Ctx, 'db'>,
  { issuer, subject }: Named,
): Promise<string | undefined> => (await db.one(statements(db).owner, { issuer, subject }))?.userId

/** Violates a unique key where the identity belongs to a user already. */
export const keepIdentity = (
  { db }: Pick<Ctx, 'db'>,
  userId: string,
  identity: IdentityRow,
): Write => write(statements(db).insert, { ...identity, userId })

/** An identity that is not stored yet. */
export const newIdentity = (
  ctx: Pick<Ctx, 'clock' | 'ids'>,
  { issuer, subject }: Named,
): IdentityRow => {
  const at = now(ctx)
  return { id: ctx.ids.next(), issuer, subject, createdAt: at, lastUsedAt: at }
}

/** Touches no row where it is no longer this user's. */
export const useIdentity = (
  ctx: Pick<Ctx, 'db' | 'clock'>,
  userId: string,
  { issuer, subject }: Named,
): Write =>
  write(statements(ctx.db).used, { issuer, subject, reader: userId, lastUsedAt: now(ctx) })

/** The caller's identities, oldest first, from behind `place`. */
export const pageOfIdentities = (
  { db, actor }: Ctx,
  limit: number,
  place: Place | undefined,
): Promise<IdentityRow[]> =>
  db.all(place ? statements(db).after : statements(db).first, {
    reader: actor.userId,
    limit,
    ...place,
  })

export const findIdentity = ({ db, actor }: Ctx, id: string): Promise<IdentityRow | undefined> =>
  db.one(statements(db).one, { reader: actor.userId, id })

/** The caller's identity of this name. */
export const findIdentityNamed = (
  { db, actor }: Ctx,
  { issuer, subject }: Named,
): Promise<IdentityRow | undefined> =>
  db.one(statements(db).named, { reader: actor.userId, issuer, subject })

/** Touches no row where the caller's identity is gone: in a batch, it makes sure that it is not. */
export const holdIdentity = ({ db, actor }: Ctx, id: string): Write =>
  write(statements(db).hold, { reader: actor.userId, id })

export const removeIdentity = ({ db, actor }: Ctx, id: string): Write =>
  write(statements(db).remove, { reader: actor.userId, id })
