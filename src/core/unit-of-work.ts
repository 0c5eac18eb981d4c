import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { type Database, type Dialect, type Outcome, perDialect } from '../db/database.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../db/portable.ts'
import { compile, query, type Statement, value, type Write, write } from '../db/statement.ts'
import { withoutQueue } from './contention.ts'
import type { Ctx, Quotas } from './context.ts'
import { accountGone, DomainError } from './errors.ts'

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
type Grows = Partial<Record<Counted, number>>

/**
 * What a verb has decided: its writes, which of them must touch a row, and what they leave behind.
 */
export type Plan<R> = {
  readonly writes: readonly Write[]
  /** Indexes into `writes`. */
  readonly mustTouch?: readonly number[]
  /**
   * How many more (or fewer) of each the user owns after this. The bytes are added up from the
   * writes.
   */
  readonly grows?: Omit<Grows, 'bytes'>
  /**
   * Bytes that its writes, or chunks behind it, count in the database: the quota has to have room
   * for them besides.
   */
  readonly room?: number
  /**
   * The id of what this plan contends for with others that name the same. While requests of this
   * process wait for their turn with it, a new one waits behind them instead of overtaking them.
   */
  readonly turn?: string
  /**
   * It may change up to a chunk of rows: it waits for its user's turn with the chunks of large
   * changes, so that other users wait for one such batch at a time, and counts by the rows that it
   * touched.
   */
  readonly wide?: boolean
  readonly result: R
}

/**
 * The request was answered before, by another one with the same Idempotency-Key: nothing was
 * written.
 */
export class AlreadyAnswered extends Error {}

/**
 * Runs what a verb decided, in one batch. The batch begins with the user's counters: that orders
 * the user's changes, and as every writer takes that row's lock first, no two batches of a user
 * wait for each other. A receipt of the result, where the caller wants one, is the batch's last
 * write.
 *
 * Answers the result, or `stale` where another change came in between. Throws `quota_exceeded`,
 * `unauthenticated` (the account is gone) and AlreadyAnswered.
 */
export const commit = async <R>(ctx: Ctx, plan: Plan<R>): Promise<R | 'stale'> => {
  const receipt = ctx.receipt?.write(plan.result)
  const own = receipt ? [...plan.writes, receipt] : plan.writes
  const grows = grownBy(plan.grows, own)
  const writes = [advance(ctx, grows, plan.room), ...own]
  try {
    const options = {
      mustTouch: [0, ...(plan.mustTouch ?? []).map((i) => i + 1)],
      // A kept answer, too: one request after the other, each with another key, would fill what is
      // left.
      grows:
        receipt !== undefined ||
        (plan.room ?? 0) > 0 ||
        allCounted.some((c) => (grows[c] ?? 0) > 0),
    }
    const outcome = await (plan.wide
      ? atomicInTurn(ctx, writes, options)
      : ctx.db.atomic(writes, options))
    if (outcome !== 'stale') return plan.result
  } catch (error) {
    if (!isUniqueViolation(error) && !isForeignKeyViolation(error)) throw error
    if (await ctx.receipt?.exists()) throw new AlreadyAnswered()
  }
  await refuseOverQuota(ctx, grows, plan.room)
  return 'stale'
}

const grownBy = (grows: Plan<unknown>['grows'], writes: readonly Write[]): Grows => {
  let bytes = 0
  for (const write of writes) bytes += write.bytes ?? 0
  return bytes === 0 ? (grows ?? {}) : { ...grows, bytes }
}

/**
 * Touched rows that count as much as a request: each task takes its own row and one of the change
 * log.
 */
const ROWS_PER_POINT = 500

const atomicInTurn = async (
  ctx: Ctx,
  ...batch: Parameters<Database['atomic']>
): Promise<Outcome> => {
  const run = () => ctx.db.atomic(...batch)
  const outcome = await (ctx.bulk?.turns ? ctx.bulk.turns.run(ctx.actor.userId, run) : run())
  if (outcome !== 'stale')
    ctx.charge?.(outcome.reduce((sum, touched) => sum + touched, 0) / ROWS_PER_POINT)
  return outcome
}

/** How long a request tries to make its change while others get ahead of it, in milliseconds. */
const PATIENCE_MS = 10_000

type Decide<R> = (attempt: number) => Promise<Plan<R> | { readonly unchanged: R }>

/**
 * Reads, decides and commits, and does so again where another change came in between: in turn with
 * the other requests of this process, and with pauses where other processes are faster, for ten
 * seconds; then `write_conflict`. A caller who named a revision gets `stale` from its own `decide`,
 * which sees the new one.
 */
export const retrying = async <R>(ctx: Ctx, decide: Decide<R>): Promise<R> => {
  const plan = await decide(0)
  if ('unchanged' in plan) return remembered(ctx, plan.unchanged)
  if (plan.turn !== undefined && ctx.contention?.queue.isBusy(plan.turn))
    return inTurn(ctx, decide, plan.turn)
  const result = await commit(ctx, plan)
  return result === 'stale' ? again(ctx, decide) : (result as R)
}

/**
 * Decides again at once: a request that is refused now, or has nothing to do any more, need not
 * wait for its turn.
 */
const again = async <R>(ctx: Ctx, decide: Decide<R>): Promise<R> => {
  const plan = await decide(1)
  return 'unchanged' in plan
    ? remembered(ctx, plan.unchanged)
    : inTurn(ctx, decide, plan.turn ?? ctx.actor.userId)
}

const inTurn = <R>(ctx: Ctx, decide: Decide<R>, turn: string): Promise<R> => {
  const { queue, pause } = ctx.contention ?? withoutQueue
  const giveUpAt = ctx.clock.now() + PATIENCE_MS
  return queue.run(turn, async () => {
    // Once at least: the time may have been spent on waiting for its turn.
    for (let failed = 1; failed === 1 || ctx.clock.now() < giveUpAt; failed++) {
      const plan = await decide(failed)
      if ('unchanged' in plan) return remembered(ctx, plan.unchanged)
      const result = await commit(ctx, plan)
      if (result !== 'stale') return result as R
      await pause(failed)
    }
    throw new DomainError(
      'write_conflict',
      'Others keep changing this at the same moment. Try again.',
    )
  })
}

/** A verb that found nothing to do still owes its caller the receipt. */
const remembered = async <R>(ctx: Ctx, result: R): Promise<R> => {
  if (ctx.receipt) await commit(ctx, { writes: [], result })
  return result
}

type Advance = Record<string, unknown>

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const made = new Map<string, Statement<Advance>>()
  const byId = and(eq(t.users.id, value(t.users.id, 'id')), isNull(t.users.deletedAt)) as SQL
  const make = (counted: readonly Counted[]): Statement<Advance> => {
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
    advance: (counted: readonly Counted[]) => {
      const key = counted.join(' ')
      const found = made.get(key) ?? make(counted)
      made.set(key, found)
      return found
    },
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

/** What the columns can hold: no limit where nothing grows. */
const INT_MAX = 2_147_483_647
const most = (counted: Counted): number => (counted === 'bytes' ? Number.MAX_SAFE_INTEGER : INT_MAX)

/**
 * Advances the user's `seq`, and the counters that grow, unless one would pass its quota: then it
 * touches no row.
 */
const advance = (ctx: Ctx, grows: Grows, room = 0): Write => {
  const counted = allCounted.filter((c) => grows[c] !== undefined)
  const values: Record<string, unknown> = { id: ctx.actor.userId }
  for (const c of counted) {
    const by = grows[c] ?? 0
    values[`by_${c}`] = by
    values[`quota_${c}`] = by > 0 ? ctx.quotas[c] - (c === 'bytes' ? room : 0) : most(c)
  }
  return write(statements(ctx.db).advance(counted), values)
}

const refuseOverQuota = async (ctx: Ctx, grows: Grows, room = 0): Promise<void> => {
  const counts = await ctx.db.one(statements(ctx.db).counts, { id: ctx.actor.userId })
  if (!counts) throw accountGone()
  for (const c of allCounted) {
    const by = grows[c] ?? 0
    const needed = c === 'bytes' ? by + room : by
    const [quota, there] = [ctx.quotas[c], counts[counters[c]]]
    if (by > 0 && there + needed > quota)
      throw new DomainError(
        'quota_exceeded',
        c === 'bytes' ? tooMuch(quota, there, needed) : tooMany(c, quota, there),
      )
  }
}
const tooMany = (what: Counted, quota: number, there: number): string =>
  `You may own ${quota} ${what}; there are ${there}.`
const tooMuch = (quota: number, there: number, needed: number): string =>
  `You may store ${quota} bytes of text; ${there} are stored, and this takes ${needed} more. Shorten descriptions, which counts at once, or delete tasks, which counts when the trash is emptied. The answer that is kept for an Idempotency-Key counts for about two days.`
