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
  /** How many of the bytes may pass the quota. */
  readonly beyond: number
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
    if (!isSameUser(userId, ownerId))
      return { userId, grows: withBytes({}, bytesOfReceipt), beyond: 0, room: 0 }
    const { bytes, beyond } = bytesOf(writes)
    return { userId, grows: withBytes(grows, bytes + bytesOfReceipt), beyond, room }
  })
}

const bytesOf = (writes: readonly Write[]) => {
  let [bytes, beyond] = [0, 0]
  for (const write of writes) {
    bytes += write.bytes ?? 0
    if (write.beyondQuota) beyond += write.bytes ?? 0
  }
  return { bytes, beyond }
}
const withBytes = (grows: Omit<Grows, 'bytes'>, bytes: number): Grows =>
  bytes === 0 ? grows : { ...grows, bytes }

/** By how many it grows for which the quota must have room. */
const growthOf = ({ grows, beyond, room }: Advance, counted: Counted): number =>
  (grows[counted] ?? 0) + (counted === 'bytes' ? room - beyond : 0)

/** Does it need room, in the quota and on the disk? */
export const isGrowing = (one: Advance): boolean => allCounted.some((c) => growthOf(one, c) > 0)

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

/** What may pass the quota ends at so many times of it: a series has no end, and a disk has one. */
const BEYOND = 2

/** How many there may be behind an advance. */
const limitOf = ({ quotas }: Pick<Ctx, 'quotas'>, one: Advance, counted: Counted): number => {
  if (growthOf(one, counted) > 0) return quotas[counted] - (counted === 'bytes' ? one.room : 0)
  const isBeyond = counted === 'bytes' && one.beyond > 0 && (one.grows.bytes ?? 0) > 0
  return isBeyond ? Math.min(BEYOND * quotas.bytes, most('bytes')) : most(counted)
}

/** The write of an advance; it touches no row where a counter would pass its quota. */
export const advance = (ctx: Ctx, one: Advance): Write => {
  const { userId, grows, room } = one
  const counted = allCounted.filter((c) => grows[c] !== undefined || (c === 'bytes' && room > 0))
  const values: Record<string, unknown> = { id: userId }
  for (const c of counted) {
    values[`by_${c}`] = grows[c] ?? 0
    values[`quota_${c}`] = limitOf(ctx, one, c)
  }
  return write(statements(ctx.db).advance(counted), values)
}

/**
 * Says why a batch could not advance a user's row, where that is for good: throws `unauthenticated`
 * where the actor's account is gone, and `quota_exceeded`.
 */
export const refuseAdvance = async (ctx: Ctx, advance: Advance): Promise<void> => {
  const isOwn = isSameUser(advance.userId, actorIdOf(ctx))
  if (!isOwn && !isGrowing(advance) && advance.beyond === 0) return
  const counts = await ctx.db.one(statements(ctx.db).counts, { id: advance.userId })
  if (!counts && isOwn) throw accountGone()
  if (!counts) return // what was theirs is gone as well
  for (const c of allCounted) {
    const by = advance.grows[c] ?? 0
    const [quota, there] = [ctx.quotas[c], counts[counters[c]]]
    if (there + by <= limitOf(ctx, advance, c)) continue
    const detail = () => {
      if (!isOwn) return ofAnother(c)
      if (c !== 'bytes') return tooMany(c, quota, there)
      const isBeyond = growthOf(advance, c) <= 0
      return isBeyond ? tooMuchBeyond(quota, there) : tooMuch(quota, there, by + advance.room)
    }
    throw new DomainError('quota_exceeded', detail())
  }
}
const ofAnother = (what: Counted): string =>
  `The owner of this may not have more ${what}: the quota is used up.`
const tooMany = (what: Counted, quota: number, there: number): string =>
  `You may own ${quota} ${what}; there are ${there}.`
const tooMuch = (quota: number, there: number, needed: number): string =>
  `You may store ${quota} bytes of text; ${there} are stored, and this takes ${needed} more. Shorten descriptions, which counts at once, or delete tasks, which counts when the trash is emptied. The answer that is kept for an Idempotency-Key counts for about two days.`
const tooMuchBeyond = (quota: number, there: number): string =>
  `You may store ${quota} bytes of text; ${there} are stored. The history of recurring tasks may pass that, but not twice as much. Delete tasks, and empty the trash.`
