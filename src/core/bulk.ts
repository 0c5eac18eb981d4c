// Changes of many rows, done in chunks, so that other users are served in between.
import { nextChunk } from './bulk-kinds.ts'
import { type Bulk, beginBulk, expectNoBulk, runningBulk } from './bulk-store.ts'
import { isWithin } from './clock.ts'
import { type Ctx, renewMoment } from './context.ts'
import { DomainError } from './errors.ts'
import { actorIdOf, type OwnerId } from './parties.ts'
import { collected, type Plan, retrying } from './unit-of-work.ts'

/**
 * A plan that may be too large for one batch. With `bulk` its writes are the head of an operation
 * that is then done in chunks. With `alone` it is one batch, and must not come between the chunks
 * of another operation of the owner.
 */
export type BulkPlan<R> = Omit<Plan<R>, 'bulk' | 'alone'> & {
  readonly bulk?: Bulk | undefined
  readonly alone?: boolean
}

/**
 * As `retrying`, for plans that may be too large for one batch: answers when the last chunk is
 * done, or after ten seconds, when the rest goes on behind the answer. What the owner has under way
 * is finished first. Where this process ends in between, another one, or its successor, goes on.
 * What the chunks have changed is read again by `reread`, for the answer.
 */
export const retryingInChunks = async <R>(
  ctx: Ctx,
  decide: (attempt: number) => Promise<BulkPlan<R> | { readonly unchanged: R }>,
  reread?: () => Promise<R | undefined>,
): Promise<R> => {
  if (ctx.collector) return collected(ctx, ctx.collector, decide)
  let begun: { readonly ownerId: OwnerId; readonly targetId: string } | undefined
  const result = await retrying(ctx, async (attempt) => {
    let plan = await decide(attempt)
    while (!('unchanged' in plan) && (plan.bulk || plan.alone) && (await finishOther(ctx, plan))) {
      renewMoment(ctx)
      plan = await decide(attempt)
    }
    begun = undefined
    if ('unchanged' in plan) return plan
    const { bulk, alone, ...rest } = plan
    const { ownerId } = plan.parties
    if (bulk) {
      begun = { ownerId, targetId: bulk.targetId }
      return { ...rest, writes: [...rest.writes, beginBulk(ctx, ownerId, bulk)] }
    }
    if (!alone) return rest
    return {
      ...rest,
      wide: true,
      writes: [...rest.writes, expectNoBulk(ctx, ownerId)],
      mustTouch: [...(rest.mustTouch ?? []), rest.writes.length],
    }
  })
  if (begun === undefined) return result
  const { ownerId, targetId } = begun
  await finishInTime(ctx, ownerId, { targetId })
  return (await reread?.()) ?? result
}

/**
 * Finishes what another request has under way with the owner's things; answers whether there was
 * anything. Throws `write_conflict`.
 */
const finishOther = async (ctx: Ctx, { parties }: Pick<Plan<unknown>, 'parties'>) => {
  const outcome = await finishBulk(ctx, parties.ownerId, { withinMs: patience(ctx) })
  if (outcome === 'running')
    throw new DomainError(
      'write_conflict',
      'A large change of this account is not done yet; GET /api/v1/me shows it. Try again later.',
    )
  return outcome === 'finished'
}

/** With `targetId`, that operation only: what another request begins meanwhile is left to that one. */
type Only = { readonly targetId?: string }

/**
 * Finishes what this request has begun. What takes longer than a client waits for goes on behind
 * the answer. Where other changes keep coming before its chunks, maintenance finishes it: no
 * `write_conflict`, because the request itself was done.
 */
export const finishInTime = async (ctx: Ctx, ownerId: OwnerId, only: Only = {}): Promise<void> => {
  const interrupted = (error: unknown) =>
    ctx.log.warning('a large change was interrupted, and is gone on with later', {
      user_id: ownerId,
      error,
    })
  const inTime = { ...only, withinMs: patience(ctx) }
  const outcome = await finishBulk(ctx, ownerId, inTime).catch((error: unknown) => {
    if (!(error instanceof DomainError && error.code === 'write_conflict')) throw error
    interrupted(error)
  })
  if (outcome === 'running') finishBulk(ctx, ownerId, only).catch(interrupted)
}

/** A request is answered after this time, in milliseconds. */
const PATIENCE_MS = 10_000
/** Where requests cannot wait for each other, nothing may go on behind the answer either. */
const patience = (ctx: Ctx): number => (ctx.bulk?.queue ? PATIENCE_MS : Number.POSITIVE_INFINITY)

/**
 * Chunks in a row that other changes came before, until the request gives up; the operation stays,
 * to be gone on with.
 */
const MOST_STALE = 100

/**
 * Does what is left of the owner's bulk operation, chunk by chunk, for `withinMs` milliseconds at
 * most. The service does it for the owner, also where another user's request has begun it. Answers
 * whether there was `none`, and else whether it is still `running`. Throws `write_conflict`.
 */
export const finishBulk = async (
  ctx: Ctx,
  ownerId: OwnerId,
  { withinMs = Number.POSITIVE_INFINITY, targetId }: Only & { readonly withinMs?: number } = {},
): Promise<'none' | 'finished' | 'running'> => {
  const { receipt: _ofTheRequest, ...rest } = ctx
  const self: Ctx = { ...rest, actor: { kind: 'system', userId: ownerId, subject: ownerId } }
  if (!(await runningOf(self, ownerId, targetId))) return 'none'
  const began = ctx.clock.now()
  const isOver = () =>
    withinMs !== Number.POSITIVE_INFINITY && !isWithin(withinMs, began, ctx.clock.now())
  for (let stale = 0; stale < MOST_STALE; ) {
    if (isOver()) return 'running'
    const outcome = await inTurn(self, async () => {
      const running = await runningOf(self, ownerId, targetId)
      return running ? nextChunk(self, { ...running, ownerId }) : 'finished'
    })
    if (outcome === 'finished') return 'finished'
    stale = outcome === 'stale' ? stale + 1 : 0
  }
  throw new DomainError(
    'write_conflict',
    'Others keep changing this at the same moment. What is left of it is done later.',
  )
}

/**
 * Runs one piece of long work when it is its user's turn, where requests can wait for each other.
 */
export const inTurn = <T>(ctx: Ctx, work: () => Promise<T>): Promise<T> =>
  ctx.bulk?.queue ? ctx.bulk.queue.run(actorIdOf(ctx), () => afterOthers(work)) : afterOthers(work)

/**
 * A database in a file answers without a look at what else there is to do: so that is done first.
 */
const afterOthers = async <T>(work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 0))
  return work()
}

const runningOf = async (ctx: Ctx, ownerId: OwnerId, targetId: string | undefined) => {
  const found = await runningBulk(ctx, ownerId)
  return targetId === undefined || found?.targetId === targetId ? found : undefined
}
