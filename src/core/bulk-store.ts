// The rows of bulk operations: one a user at most, deleted with its last chunk.
import { and, eq, gt, lte, or, sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { instantOf } from '../db/instant.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import { SKEW_MS } from './clock.ts'
import { type Ctx, now } from './context.ts'
import { authorOf } from './events.ts'
import type { OwnerId } from './parties.ts'

/** What a kind of operation has to know, and how far it is: stored as JSON between its chunks. */
export type BulkData = Readonly<Record<string, unknown>>

export type Bulk = { readonly kind: string; readonly targetId: string; readonly data: BulkData }
/** A bulk operation that is under way. */
export type RunningBulk = Bulk & {
  readonly id: string
  readonly step: number
  readonly createdAt: string
}
export type OwnedBulk = RunningBulk & { readonly ownerId: OwnerId }

const statements = perDialect(({ q, t: { bulkOperations, users } }) => {
  const ofUser = eq(bulkOperations.userId, value(bulkOperations.userId, 'user'))
  const atStep = and(
    ofUser,
    eq(bulkOperations.id, value(bulkOperations.id, 'id')),
    eq(bulkOperations.step, value(bulkOperations.step, 'was')),
  )
  return {
    ofUser: query<RunningBulk>(
      q
        .select({
          id: bulkOperations.id,
          kind: bulkOperations.kind,
          targetId: bulkOperations.targetId,
          data: bulkOperations.data,
          step: bulkOperations.step,
          createdAt: bulkOperations.createdAt,
        })
        .from(bulkOperations)
        .where(ofUser),
    ),
    idle: query<{ userId: string }>(
      q
        .select({ userId: bulkOperations.userId })
        .from(bulkOperations)
        .where(
          or(
            lte(bulkOperations.updatedAt, value(bulkOperations.updatedAt, 'before')),
            gt(bulkOperations.updatedAt, value(bulkOperations.updatedAt, 'ahead')),
          ),
        ),
    ),
    insert: compile(q.insert(bulkOperations).values(everyColumn(bulkOperations))),
    proceed: compile(
      q
        .update(bulkOperations)
        .set(placeholders(['data', 'step', 'updatedAt']))
        .where(atStep),
    ),
    finish: compile(q.delete(bulkOperations).where(atStep)),
    drop: compile(q.delete(bulkOperations).where(ofUser)),
    expectNone: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${users.id} = ${value(users.id, 'user')} and not exists (select 1 from ${bulkOperations} where ${ofUser})`,
        ),
    ),
  }
})

/** The bulk operation of an owner that is under way. */
export const runningBulk = (
  { db }: Pick<Ctx, 'db'>,
  ownerId: OwnerId,
): Promise<RunningBulk | undefined> => db.one(statements(db).ofUser, { user: ownerId })

/**
 * The write that begins an operation. It violates a unique key where the owner has one under way. Its
 * data name who began it, for the events of its chunks.
 */
export const beginBulk = (ctx: Ctx, ownerId: OwnerId, { kind, targetId, data }: Bulk): Write => {
  const at = now(ctx)
  const row = {
    userId: ownerId,
    id: ctx.ids.next(),
    kind,
    targetId,
    data: { ...data, author: authorOf(ctx) },
    step: 0,
    createdAt: at,
    updatedAt: at,
  }
  return write(statements(ctx.db).insert, row)
}

/** The write that gives up what an owner has under way, because the owner goes. */
export const dropBulk = ({ db }: Pick<Ctx, 'db'>, ownerId: OwnerId): Write =>
  write(statements(db).drop, { user: ownerId })

/** Touches no row where the owner has an operation under way. */
export const expectNoBulk = ({ db }: Pick<Ctx, 'db'>, ownerId: OwnerId): Write =>
  write(statements(db).expectNone, { user: ownerId })

/** Touches no row where another process did this chunk. */
export const proceedBulk = (
  ctx: Ctx,
  { ownerId, id, step, data: { author } }: OwnedBulk,
  next: BulkData | undefined,
): Write => {
  const { proceed, finish } = statements(ctx.db)
  const common = { user: ownerId, id, was: step }
  if (!next) return write(finish, common)
  return write(proceed, {
    ...common,
    data: { ...next, author },
    step: step + 1,
    updatedAt: now(ctx),
  })
}

/**
 * The users whose bulk operation has done no chunk for `idleMs` milliseconds: what did it may have
 * ended. So it may where the last chunk is in the future: then the clock was ahead when it was
 * done.
 */
export const usersWithIdleBulk = async (
  ctx: Pick<Ctx, 'db' | 'clock'>,
  idleMs: number,
): Promise<string[]> => {
  const now = ctx.clock.now()
  const [before, ahead] = [instantOf(now - idleMs), instantOf(now + SKEW_MS)]
  return (await ctx.db.all(statements(ctx.db).idle, { before, ahead })).map(({ userId }) => userId)
}
