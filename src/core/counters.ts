// The rows of the users of a batch, which it changes first: the number of each one's last change,
// and the counters of quotas.
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { type Dialect, perDialect } from '../db/database.ts'
import {
  compile,
  perNames,
  query,
  type Statement,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import type { Ctx, Quotas } from './context.ts'
import { accountGone, DomainError } from './errors.ts'
import { actorIdOf, isSameUser, type Parties } from './parties.ts'

/** The things that a quota limits, with the counter of each. */
const counters = {
  tasks: 'taskCount',
  projects: 'projectCount',
  labels: 'labelCount',
  keys: 'keyCount',
  bytes: 'bytes',
} as const
type Counted = keyof Quotas
const allCounted = Object.keys(counters) as Counted[]
export type Grows = Partial<Record<Counted, number>>

/** One user's row in a batch: its `seq` advances, and these counters grow. */
export type Advance = {
  readonly userId: string
  readonly grows: Grows
  /** Bytes for which the quota has to have room besides. */
  readonly room: number
}

type Planned = {
  readonly parties: Parties
  readonly writes: readonly Write[]
  readonly grows?: Omit<Grows, 'bytes'>
  readonly room?: number
}

/**
 * The rows that a batch advances, in ascending order of user ids: every batch takes these locks
 * first and in one order, so that no two wait for each other. The owner pays for the plan, the
 * actor for the receipt.
 */
export const advancesOf = (
  ctx: Ctx,
  { parties, writes, grows = {}, room = 0 }: Planned,
  receipt: Write | undefined,
): Advance[] => {
  const { ownerId, readerIds } = parties
  const actorId = actorIdOf(ctx)
  const userIds: string[] = [ownerId]
  for (const readerId of readerIds) if (!userIds.includes(readerId)) userIds.push(readerId)
  if (receipt && !userIds.includes(actorId)) userIds.push(actorId)
  return userIds.sort().map((userId) => {
    const bytesOfReceipt = isSameUser(userId, actorId) ? (receipt?.bytes ?? 0) : 0
    return isSameUser(userId, ownerId)
      ? { userId, grows: withBytes(grows, bytesOf(writes) + bytesOfReceipt), room }
      : { userId, grows: withBytes({}, bytesOfReceipt), room: 0 }
  })
}

const bytesOf = (writes: readonly Write[]): number => {
  let bytes = 0
  for (const write of writes) bytes += write.bytes ?? 0
  return bytes
}
const withBytes = (grows: Omit<Grows, 'bytes'>, bytes: number): Grows =>
  bytes === 0 ? grows : { ...grows, bytes }

/** Does it store more than there is? */
export const isGrowing = ({ grows, room }: Advance): boolean =>
  room > 0 || allCounted.some((c) => (grows[c] ?? 0) > 0)

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const byId = and(eq(t.users.id, value(t.users.id, 'id')), isNull(t.users.deletedAt)) as SQL
  const make = (counted: readonly Counted[]): Statement<Record<string, unknown>> => {
    const grown = (c: Counted) => sql`${t.users[counters[c]]} + ${sql.placeholder(`by_${c}`)}`
    const within: SQL[] = counted.map((c) => sql`${grown(c)} <= ${sql.placeholder(`quota_${c}`)}`)
    const { seq, checkedSeq } = t.users
    const inStep = sql`case when ${checkedSeq} = ${seq} then ${seq} + 1 else ${checkedSeq} end`
    const set = {
      checkedSeq: inStep,
      seq: sql`${seq} + 1`,
      ...Object.fromEntries(counted.map((c) => [counters[c], grown(c)])),
    }
    return compile(
      q
        .update(t.users)
        .set(set)
        .where(sql.join([byId, ...within], sql` and `)),
    )
  }
  return {
    advance: perNames(make),
    counts: query<Record<(typeof counters)[Counted], number>>(
      q
        .select({
          taskCount: t.users.taskCount,
          projectCount: t.users.projectCount,
          labelCount: t.users.labelCount,
          keyCount: t.users.keyCount,
          bytes: t.users.bytes,
        })
        .from(t.users)
        .where(byId),
    ),
  }
})

/** How much of each a user has; undefined where the user is gone. */
export const countsOf = async (
  { db }: Pick<Ctx, 'db'>,
  id: string,
): Promise<Readonly<Record<Counted, number>> | undefined> => {
  const counts = await db.one(statements(db).counts, { id })
  return (
    counts &&
    (Object.fromEntries(allCounted.map((c) => [c, counts[counters[c]]])) as Record<Counted, number>)
  )
}

/** What the columns can hold: no limit where nothing grows. */
const INT_MAX = 2_147_483_647
const most = (counted: Counted): number => (counted === 'bytes' ? Number.MAX_SAFE_INTEGER : INT_MAX)

/** The write of an advance; it touches no row where a counter would pass its quota. */
export const advance = (ctx: Ctx, { userId, grows, room }: Advance): Write => {
  const needs = (c: Counted) => c === 'bytes' && room > 0
  const counted = allCounted.filter((c) => grows[c] !== undefined || needs(c))
  const values: Record<string, unknown> = { id: userId }
  for (const c of counted) {
    const by = grows[c] ?? 0
    values[`by_${c}`] = by
    values[`quota_${c}`] = by > 0 || needs(c) ? ctx.quotas[c] - (c === 'bytes' ? room : 0) : most(c)
  }
  return write(statements(ctx.db).advance(counted), values)
}

/**
 * Says why a batch could not advance a user's row, where that is for good: throws `unauthenticated`
 * where the actor's account is gone, and `quota_exceeded`.
 */
export const refuseAdvance = async (ctx: Ctx, advance: Advance): Promise<void> => {
  const isOwn = isSameUser(advance.userId, actorIdOf(ctx))
  if (!isOwn && !isGrowing(advance)) return
  const counts = await ctx.db.one(statements(ctx.db).counts, { id: advance.userId })
  if (!counts && isOwn) throw accountGone()
  if (!counts) return // what was theirs is gone as well
  for (const c of allCounted) {
    const by = advance.grows[c] ?? 0
    const needed = c === 'bytes' ? by + advance.room : by
    const [quota, there] = [ctx.quotas[c], counts[counters[c]]]
    if (needed > 0 && there + needed > quota)
      throw new DomainError(
        'quota_exceeded',
        !isOwn
          ? ofAnother(c)
          : c === 'bytes'
            ? tooMuch(quota, there, needed)
            : tooMany(c, quota, there),
      )
  }
}
const ofAnother = (what: Counted): string =>
  `The owner of this may not have more ${what}: the quota is used up.`
const tooMany = (what: Counted, quota: number, there: number): string =>
  `You may own ${quota} ${what}; there are ${there}.`
const tooMuch = (quota: number, there: number, needed: number): string =>
  `You may store ${quota} bytes of text; ${there} are stored, and this takes ${needed} more. Shorten descriptions, which counts at once, or delete tasks, which counts when the trash is emptied. The answer that is kept for an Idempotency-Key counts for about two days.`
