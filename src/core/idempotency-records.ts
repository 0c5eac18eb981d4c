import { and, eq, lte, sql } from 'drizzle-orm'
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
import type { Ctx } from './context.ts'
import { DomainError } from './errors.ts'
import { accountIdOf } from './parties.ts'
import { countRows, lockUser, utf8Length } from './stored-bytes.ts'
import { ownedBy } from './visibility.ts'

/** An answer that was given, for as long as a repetition of its request gets it again. */
export type Receipt = {
  fingerprint: string
  status: number
  headers: Record<string, string>
  body: string
}

/** How long a repetition gets the first answer, in milliseconds. */
const RECEIPT_KEPT_MS = 24 * 60 * 60 * 1000

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
        .where(eq(receipts.userId, value(receipts.userId, 'user'))),
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

/** The receipt of `scope`. One that is older than 24 hours is removed and not found. */
export const findReceipt = async (ctx: Ctx, scope: string): Promise<Receipt | undefined> => {
  const oldest = instantOf(ctx.clock.now() - RECEIPT_KEPT_MS)
  const found = await ctx.db.one(statements(ctx.db).find, { scope })
  if (!found || found.createdAt > oldest) return found
  await ctx.db.atomic([
    lockUser(ctx, accountIdOf(ctx)),
    ...dropReceipts(ctx, accountIdOf(ctx), [scope], oldest),
  ])
  return undefined
}

/** Of receipts of a user whose lock the batch has. */
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

/** Receipts that one batch drops: D1 takes 100 values a statement. */
const DROPPED = 64

/**
 * Deletes some of the receipts that no repetition gets any more; answers whether there may be
 * others.
 */
export const dropOldReceipts = async (ctx: Pick<Ctx, 'db' | 'clock'>): Promise<boolean> => {
  const oldest = instantOf(ctx.clock.now() - RECEIPT_KEPT_MS)
  const found = await ctx.db.all(statements(ctx.db).old, { oldest, limit: DROPPED })
  // In one order, so that two processes that do this do not wait for each other's locks.
  const users = [...new Set(found.map(({ userId }) => userId))].sort()
  const scopesOf = (user: string) =>
    found.filter(({ userId }) => userId === user).map(({ scope }) => scope)
  if (users.length > 0)
    await ctx.db.atomic([
      ...users.map((user) => lockUser(ctx, user)),
      ...users.flatMap((user) => dropReceipts(ctx, user, scopesOf(user), oldest)),
    ])
  return found.length === DROPPED
}

/** Receipts of one user that are kept at a time: each holds a whole answer. */
const MAX_KEPT = 10_000
const MAX_USERS = 10_000
/** How many more receipts a user may take before they are counted again, of each database. */
const roomsOf = perDatabase(
  () => new LRUCache<string, number>({ maxSize: MAX_USERS, sizeCalculation: () => 1 }),
)

/** Processes that may take receipts at the same time without passing `MAX_KEPT` together. */
const PROCESSES = 10

/**
 * Throws `quota_exceeded` for a user who has used up the receipts of a day. Counting takes as long
 * as there are receipts, so that it is done anew only when this process has used its part of what
 * was left.
 */
export const expectRoomForReceipt = async (ctx: Ctx): Promise<void> => {
  const [left, user] = [roomsOf(ctx.db), accountIdOf(ctx)]
  const room = left.get(user) ?? 0
  if (room > 0) return void left.set(user, room - 1)
  const { n = 0 } = (await ctx.db.one(statements(ctx.db).kept, { user })) ?? {}
  if (n >= MAX_KEPT)
    throw new DomainError(
      'quota_exceeded',
      `You may use ${MAX_KEPT} Idempotency-Keys within 24 hours.`,
    )
  left.set(user, Math.floor((MAX_KEPT - n) / PROCESSES))
}

/** The write that keeps a receipt. It fails the batch where `scope` has one. */
export const keepReceipt = (ctx: Ctx, scope: string, receipt: Receipt): Write =>
  write(
    statements(ctx.db).insert,
    { ...receipt, scope, userId: accountIdOf(ctx), createdAt: instantOf(ctx.clock.now()) },
    utf8Length(receipt.body),
  )
