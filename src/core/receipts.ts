import { and, eq, lte } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { compile, everyColumn, query, value, type Write, write } from '../db/statement.ts'
import type { Ctx } from './context.ts'

/** An answer that was given, for as long as a repetition of its request gets it again. */
export type Receipt = { fingerprint: string; status: number; headers: Record<string, string>; body: string }

/** How long a repetition gets the first answer, in milliseconds. */
export const RECEIPT_KEPT_MS = 24 * 60 * 60 * 1000

const statements = perDialect(({ q, t: { receipts } }) => {
  const inScope = eq(receipts.scope, value(receipts.scope, 'scope'))
  return {
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
    dropOld: compile(q.delete(receipts).where(and(inScope, lte(receipts.createdAt, value(receipts.createdAt, 'oldest'))))),
  }
})

/** The receipt of `scope`. One that is older than 24 hours is removed and not found. */
export const findReceipt = async (ctx: Ctx, scope: string): Promise<Receipt | undefined> => {
  const oldest = instantOf(ctx.clock.now() - RECEIPT_KEPT_MS)
  const found = await ctx.db.one(statements(ctx.db).find, { scope })
  if (!found || found.createdAt > oldest) return found
  await ctx.db.atomic([write(statements(ctx.db).dropOld, { scope, oldest })])
  return undefined
}

/** The write that keeps a receipt. It fails the batch where `scope` has one. */
export const keepReceipt = (ctx: Ctx, scope: string, receipt: Receipt): Write =>
  write(statements(ctx.db).insert, { ...receipt, scope, userId: ctx.actor.userId, createdAt: instantOf(ctx.clock.now()) })
