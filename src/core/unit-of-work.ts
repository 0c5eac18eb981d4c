import type { Database, Outcome } from '../db/database.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../db/portable.ts'
import type { Write } from '../db/statement.ts'
import { type Change, changeLogEntries } from './change-log.ts'
import { isWithin } from './clock.ts'
import { withoutQueue } from './contention.ts'
import { type Collector, type Ctx, renewMoment } from './context.ts'
import { advance, advancesOf, type Grows, isGrowing, refuseAdvance } from './counters.ts'
import { DomainError } from './errors.ts'
import { eventsOf } from './events.ts'
import { actorIdOf, ownAccount, type Parties } from './parties.ts'

/**
 * What a verb has decided: its writes, which of them must touch a row, and what they leave behind.
 */
export type Plan<R> = {
  /**
   * Whose counters grow and whose quota pays (the owner), and who is told of it (the readers). What
   * belongs to an account itself, like its labels and keys, has that account as both.
   */
  readonly parties: Parties
  readonly writes: readonly Write[]
  /** What the readers are told, in their change logs, and what the record of what happened says. */
  readonly changes?: readonly Change[] | undefined
  /** Indexes into `writes`. */
  readonly mustTouch?: readonly number[]
  /**
   * How many more (or fewer) of each the owner has after this. The bytes are added up from the
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
  readonly queueKey?: string
  /**
   * It may change up to a chunk of rows: it waits for its actor's turn with the chunks of large
   * changes, so that other users wait for one such batch at a time, and counts by the rows that it
   * touched.
   */
  readonly wide?: boolean
  /** A chunk of a large change. It has had its turn; the database may let it wait all the same. */
  readonly chunk?: true
  /** What a chunk counts against the caller's limit, where not by the rows that it touched. */
  readonly points?: number
  readonly result: R
  /** A plan that needs `retryingInChunks` (`core/bulk.ts`) is of another type: a `BulkPlan`. */
  readonly bulk?: never
  readonly alone?: never
}

/**
 * The request was answered before, by another one with the same Idempotency-Key: nothing was
 * written.
 */
export class AlreadyAnswered extends Error {}

/**
 * Runs what a verb decided, in one batch. The batch begins with the counters of its users, in
 * ascending order of their ids: that orders the changes that each of them sees, and as every writer
 * takes these rows' locks first, no two batches wait for each other. A receipt of the result, where
 * the caller wants one, is the batch's last write.
 *
 * Answers the result, or `stale` where another change came in between. Throws `quota_exceeded`,
 * `unauthenticated` (the actor's account is gone) and AlreadyAnswered.
 */
export const commit = async <R>(ctx: Ctx, plan: Plan<R>): Promise<R | 'stale'> => {
  const receipt = ctx.receipt?.write(plan.result)
  const advances = advancesOf(ctx, plan, receipt)
  const heads = advances.map((one) => advance(ctx, one))
  const { parties, changes = [] } = plan
  const told = changeLogEntries(ctx, parties, changes).concat(eventsOf(ctx, parties, changes))
  // Not by spreading, which takes an object for each of them.
  const writes = heads.concat(plan.writes, told, receipt ?? [])
  try {
    const options = {
      mustTouch: heads.map((_, i) => i).concat((plan.mustTouch ?? []).map((i) => i + heads.length)),
      // A kept answer, too: one request after the other, each with another key, would fill what is
      // left.
      grows: receipt !== undefined || advances.some(isGrowing),
      wide: plan.wide === true || plan.chunk === true,
    }
    const outcome = await (plan.wide
      ? atomicInTurn(ctx, writes, options)
      : ctx.db.atomic(writes, options))
    if (outcome !== 'stale') {
      if (options.wide) ctx.charge?.(plan.points ?? pointsOf(outcome))
      if (plan.changes) ctx.grown?.note(plan.parties.readerIds)
      return plan.result
    }
  } catch (error) {
    if (!isUniqueViolation(error) && !isForeignKeyViolation(error)) throw error
    if (await ctx.receipt?.exists()) throw new AlreadyAnswered()
  }
  for (const one of advances) await refuseAdvance(ctx, one)
  return 'stale'
}

/**
 * Touched rows that count as much as a request, those of 250 tasks: each takes its own row, one of
 * the change log and one of the record of what happened.
 */
const ROWS_PER_POINT = 750
const pointsOf = (outcome: readonly number[]): number =>
  outcome.reduce((sum, touched) => sum + touched, 0) / ROWS_PER_POINT

const atomicInTurn = (ctx: Ctx, ...batch: Parameters<Database['atomic']>): Promise<Outcome> => {
  const run = () => ctx.db.atomic(...batch)
  return ctx.bulk?.queue ? ctx.bulk.queue.run(actorIdOf(ctx), run) : run()
}

/** How long a request tries to make its change while others get ahead of it, in milliseconds. */
const PATIENCE_MS = 10_000

type Decide<R> = (attempt: number) => Promise<Plan<R> | { readonly unchanged: R }>

/**
 * Reads, decides and commits, and does so again where another change came in between: in turn with
 * the other requests of this process, and with pauses where other processes are faster, for ten
 * seconds; then `write_conflict`. Where the caller named a
 * revision, `decide` sees the new one and throws `precondition_failed`.
 */
export const retrying = async <R>(ctx: Ctx, decide: Decide<R>): Promise<R> => {
  if (ctx.collector) return collected(ctx, ctx.collector, decide)
  const plan = await decide(0)
  if ('unchanged' in plan) return remembered(ctx, plan.unchanged)
  if (plan.queueKey !== undefined && ctx.contention?.queue.isBusy(plan.queueKey))
    return retryQueued(ctx, decide, plan.queueKey)
  const result = await commit(ctx, plan)
  return result === 'stale' ? again(ctx, decide) : (result as R)
}

/** A plan, or one that may be too large for one batch, and the receipt of its result. */
export type Decided = Omit<Plan<unknown>, 'bulk' | 'alone'> & {
  readonly bulk?: object | undefined
  readonly alone?: boolean | undefined
  readonly receipt: Write | undefined
}

/** Hands over what a verb decides, and answers as if that were done. */
export const collected = async <R>(
  ctx: Ctx,
  { attempt, take }: Collector,
  decide: (
    attempt: number,
  ) => Promise<(Omit<Decided, 'receipt'> & { readonly result: R }) | { readonly unchanged: R }>,
): Promise<R> => {
  const plan = await decide(attempt)
  const result = 'unchanged' in plan ? plan.unchanged : plan.result
  const receipt = ctx.receipt?.write(result)
  if (!('unchanged' in plan)) take({ ...plan, receipt } satisfies Decided)
  else if (receipt)
    take({ parties: ownAccount(ctx), writes: [], result, receipt } satisfies Decided)
  return result
}

/**
 * Decides again at once: a request that is refused now, or has nothing to do any more, need not
 * wait for its turn.
 */
const again = async <R>(ctx: Ctx, decide: Decide<R>): Promise<R> => {
  renewMoment(ctx)
  const plan = await decide(1)
  return 'unchanged' in plan
    ? remembered(ctx, plan.unchanged)
    : retryQueued(ctx, decide, plan.queueKey ?? plan.parties.ownerId)
}

const retryQueued = <R>(ctx: Ctx, decide: Decide<R>, queueKey: string): Promise<R> => {
  const { queue, pause } = ctx.contention ?? withoutQueue
  const began = ctx.clock.now()
  return queue.run(queueKey, async () => {
    // Once at least: the time may have been spent on waiting for its turn.
    const isPatient = () => isWithin(PATIENCE_MS, began, ctx.clock.now())
    for (let failed = 1; failed === 1 || isPatient(); failed++) {
      renewMoment(ctx)
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
  if (ctx.receipt) await commit(ctx, { parties: ownAccount(ctx), writes: [], result })
  return result
}
