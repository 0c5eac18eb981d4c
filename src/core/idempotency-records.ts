import { and, eq, gt, lte, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { perDatabase, perDialect } from '../db/database.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { byteLength } from '../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import { SKEW_MS } from './clock.ts'
import { type Ctx, now } from './context.ts'
import { DomainError } from './errors.ts'
import type { Lease } from './lease.ts'
import { accountIdOf } from './parties.ts'
import { countRows, lockUser, utf8Length } from './stored-bytes.ts'
import { ownedBy } from './visibility.ts'

/** A kept response. A repetition of its request gets it again. */
export type Receipt = {
  fingerprint: string
  status: number
  headers: Record<string, string>
  body: string
}

/** How long a response is kept, in milliseconds. */
export const RECEIPT_KEPT_MS = 24 * 60 * 60 * 1000

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { receipts } = t
  const inScope = eq(receipts.scope, value(receipts.scope, 'scope'))
  const isOld = lte(receipts.createdAt, value(receipts.createdAt, 'oldest'))
  const oldOf = (slots: number) =>
    and(
      isOld,
      ownedBy(receipts.userId),
      sql`${receipts.scope} in ${listOf(receipts.scope, 'scope', slots)}`,
    )
  return {
    kept: query<{ n: number }>(
      q
        .select({ n: sql<number>`count(*)`.mapWith(Number).as('n') })
        .from(receipts)
        .where(
          and(
            eq(receipts.userId, value(receipts.userId, 'user')),
            gt(receipts.createdAt, value(receipts.createdAt, 'oldest')),
            lte(receipts.createdAt, value(receipts.createdAt, 'ahead')),
          ),
        ),
    ),
    find: query<Receipt & { createdAt: Instant }>(
      q
        .select({
          fingerprint: receipts.fingerprint,
          status: receipts.status,
          headers: receipts.headers,
          body: receipts.body,
          createdAt: receipts.createdAt,
        })
        .from(receipts)
        .where(inScope),
    ),
    insert: compile(q.insert(receipts).values(everyColumn(receipts))),
    bringForward: compile(
      q
        .update(receipts)
        .set({ createdAt: value(receipts.createdAt, 'at') as never })
        .where(and(inScope, gt(receipts.createdAt, value(receipts.createdAt, 'ahead')))),
    ),
    old: query<{ scope: string; userId: string }>(
      q
        .select({ scope: receipts.scope, userId: receipts.userId })
        .from(receipts)
        .where(isOld)
        .limit(sql.placeholder('limit')),
    ),
    uncount: perSlots((slots) =>
      countRows(dialect, '-', byteLength(receipts.body), { table: receipts, where: oldOf(slots) }),
    ),
    drop: perSlots((slots) => compile(q.delete(receipts).where(oldOf(slots)))),
  }
})

/** Later than any clock is: what has such a time was written while the clock was ahead. */
const aheadOf = (ctx: Pick<Ctx, 'clock'>): Instant => instantOf(ctx.clock.now() + SKEW_MS)

/** The receipt of `scope`. A receipt that is older than 24 hours is deleted, and not returned. */
export const findReceipt = async (ctx: Ctx, scope: string): Promise<Receipt | undefined> => {
  const oldest = instantOf(ctx.clock.now() - RECEIPT_KEPT_MS)
  const found = await ctx.db.one(statements(ctx.db).find, { scope })
  const [at, ahead] = [now(ctx), aheadOf(ctx)]
  // Kept while the clock was ahead: its 24 hours begin now.
  if (found && found.createdAt > ahead)
    await ctx.db.atomic([write(statements(ctx.db).bringForward, { scope, ahead, at })])
  if (!found || found.createdAt > oldest) return found
  await ctx.db.atomic([
    lockUser(ctx, accountIdOf(ctx)),
    ...dropReceipts(ctx, accountIdOf(ctx), [scope], oldest),
  ])
  return undefined
}

/** The writes that delete receipts of a user. The batch has to hold the user's lock. */
const dropReceipts = (
  { db }: Pick<Ctx, 'db'>,
  owner: string,
  scopes: readonly string[],
  oldest: Instant,
): Write[] => {
  const { uncount, drop } = statements(db)
  const values = { owner, oldest, ...fillList('scope', scopes) }
  const slots = slotsFor(scopes.length)
  return [write(uncount(slots), values), write(drop(slots), values)]
}

/** Receipts that one batch deletes: D1 takes 100 values a statement. */
const DROPPED = 64

/**
 * Deletes some of the receipts that are as old as `oldest`; answers whether there may be others.
 * Throws LeaseLost.
 */
export const dropOldReceipts = async (
  ctx: Pick<Ctx, 'db'> & { readonly lease: Lease },
  oldest: Instant,
): Promise<boolean> => {
  const found = await ctx.db.all(statements(ctx.db).old, { oldest, limit: DROPPED })
  // Sorted, so that two processes that do this do not deadlock.
  const users = [...new Set(found.map(({ userId }) => userId))].sort()
  const scopesOf = (user: string) =>
    found.filter(({ userId }) => userId === user).map(({ scope }) => scope)
  if (users.length > 0)
    await ctx.lease.atomic([
      ...users.map((user) => lockUser(ctx, user)),
      ...users.flatMap((user) => dropReceipts(ctx, user, scopesOf(user), oldest)),
    ])
  return found.length === DROPPED
}

/** Receipts that are kept of one user: each holds a whole response. */
const MAX_KEPT = 10_000
const MAX_USERS = 10_000
/** For each user, how many more receipts may be kept before they are counted again. */
const roomsOf = perDatabase(
  () => new LRUCache<string, number>({ maxSize: MAX_USERS, sizeCalculation: () => 1 }),
)

/** So many processes may keep receipts at the same time, and do not exceed `MAX_KEPT` together. */
const PROCESSES = 10

/**
 * Throws `quota_exceeded` for a user with too many receipts of the last 24 hours. To count them
 * takes as long as there are many, so this process counts again only when it has used its part of
 * the rest.
 */
export const expectRoomForReceipt = async (ctx: Ctx): Promise<void> => {
  const [left, user] = [roomsOf(ctx.db), accountIdOf(ctx)]
  const room = left.get(user) ?? 0
  if (room > 0) return void left.set(user, room - 1)
  const oldest = instantOf(ctx.clock.now() - RECEIPT_KEPT_MS)
  const { n = 0 } =
    (await ctx.db.one(statements(ctx.db).kept, { user, oldest, ahead: aheadOf(ctx) })) ?? {}
  if (n >= MAX_KEPT)
    throw new DomainError(
      'quota_exceeded',
      `You may use ${MAX_KEPT} Idempotency-Keys within 24 hours.`,
    )
  left.set(user, Math.floor((MAX_KEPT - n) / PROCESSES))
}

/** The write that keeps a receipt. It fails the batch if `scope` has one already. */
export const keepReceipt = (ctx: Ctx, scope: string, receipt: Receipt): Write =>
  write(
    statements(ctx.db).insert,
    { ...receipt, scope, userId: accountIdOf(ctx), createdAt: now(ctx) },
    utf8Length(receipt.body),
  )
