// Changes of many rows, done in chunks, so that other users are served in between.
import { and, eq, gt, lte, or, sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { instantOf } from '../db/instant.ts'
import { isStorageFull } from '../db/portable.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import { type Ctx, now } from './context.ts'
import { DomainError } from './errors.ts'
import { createFairQueue, type FairQueue } from './fair-queue.ts'
import { commit, type Plan, retrying } from './unit-of-work.ts'

/** Rows that one batch changes at most: about ten milliseconds of work for a database in a file. */
const ROWS = 250
export const chunkRows = (ctx: Ctx): number => ctx.bulk?.rows ?? ROWS

/** What a kind of operation has to know, and how far it is: stored as JSON between its chunks. */
export type BulkData = Readonly<Record<string, unknown>>

/**
 * What one chunk does. `next` is stored for the chunk behind it; undefined where this is the last
 * one.
 */
export type Chunk = { readonly writes: readonly Write[]; readonly next: BulkData | undefined }

type Kind = {
  /** Reads what is left, at most `chunkRows` of it, and answers the writes that do it. */
  chunk(ctx: Ctx, data: BulkData, targetId: string): Promise<Chunk>
  /**
   * Does it belong to a user who is deleted, and changes nothing that this user could still see?
   */
  readonly ofDeletedUser?: true
}
const kinds = new Map<string, Kind>()

/**
 * Declares how operations of this kind are done. Each feature declares its own where it is loaded.
 */
export const defineBulk = (kind: string, how: Kind): void => void kinds.set(kind, how)

export type Bulk = { readonly kind: string; readonly targetId: string; readonly data: BulkData }
/** A bulk operation that is under way. */
export type RunningBulk = Bulk & {
  readonly id: string
  readonly step: number
  readonly createdAt: string
}

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

/** The caller's bulk operation that is under way. */
export const runningBulk = (ctx: Ctx): Promise<RunningBulk | undefined> =>
  ctx.db.one(statements(ctx.db).ofUser, { user: ctx.actor.userId })

/**
 * The write that begins an operation. It violates a unique key where the user has one under way.
 */
export const beginBulk = (ctx: Ctx, { kind, targetId, data }: Bulk): Write => {
  const at = now(ctx)
  const row = {
    userId: ctx.actor.userId,
    id: ctx.ids.next(),
    kind,
    targetId,
    data,
    step: 0,
    createdAt: at,
    updatedAt: at,
  }
  return write(statements(ctx.db).insert, row)
}

/** The write that gives up what the user has under way, because the user goes. */
export const dropBulk = (ctx: Ctx): Write =>
  write(statements(ctx.db).drop, { user: ctx.actor.userId })

/** Touches no row where the user has an operation under way. */
export const expectNoBulk = (ctx: Ctx): Write =>
  write(statements(ctx.db).expectNone, { user: ctx.actor.userId })

/**
 * A plan that may be too large for one batch. With `bulk` its writes are the head of an operation
 * that is then done in chunks. With `alone` it is one batch, and must not come between the chunks
 * of another operation of the user.
 */
export type BulkPlan<R> = Plan<R> & { readonly bulk?: Bulk | undefined; readonly alone?: boolean }

/**
 * As `retrying`, for plans that may be too large for one batch: answers when the last chunk is
 * done, or after ten seconds, when the rest goes on behind the answer. What the user has under way
 * is finished first. Where this process ends in between, another one, or its successor, goes on.
 */
export const retryingInChunks = async <R>(
  ctx: Ctx,
  decide: (attempt: number) => Promise<BulkPlan<R> | { readonly unchanged: R }>,
): Promise<R> => {
  let began = false
  const result = await retrying(ctx, async (attempt) => {
    let plan = await decide(attempt)
    while (!('unchanged' in plan) && (plan.bulk || plan.alone) && (await finishOther(ctx)))
      plan = await decide(attempt)
    began = !('unchanged' in plan) && plan.bulk !== undefined
    if ('unchanged' in plan) return plan
    const { bulk, alone, ...rest } = plan
    if (bulk) return { ...rest, writes: [...rest.writes, beginBulk(ctx, bulk)] }
    if (!alone) return rest
    return {
      ...rest,
      wide: true,
      writes: [...rest.writes, expectNoBulk(ctx)],
      mustTouch: [...(rest.mustTouch ?? []), rest.writes.length],
    }
  })
  if (began) await finishInTime(ctx)
  return result
}

/**
 * Finishes what another request of the user has under way; answers whether there was anything.
 * Throws `write_conflict`.
 */
const finishOther = async (ctx: Ctx): Promise<boolean> => {
  const outcome = await finishBulk(ctx, patience(ctx))
  if (outcome === 'running')
    throw new DomainError(
      'write_conflict',
      'A large change of this account is not done yet; GET /api/v1/me shows it. Try again later.',
    )
  return outcome === 'finished'
}

/**
 * Finishes what this request has begun. What takes longer than a client waits for goes on behind
 * the answer.
 */
export const finishInTime = async (ctx: Ctx): Promise<void> => {
  if ((await finishBulk(ctx, patience(ctx))) !== 'running') return
  finishBulk(ctx).catch((error: unknown) =>
    ctx.log.warning('a large change was interrupted, and is gone on with later', {
      user_id: ctx.actor.userId,
      error,
    }),
  )
}

/** A request is answered after this time, in milliseconds. */
const PATIENCE_MS = 10_000
/** Where requests cannot wait for each other, nothing may go on behind the answer either. */
const patience = (ctx: Ctx): number => (ctx.bulk?.turns ? PATIENCE_MS : Number.POSITIVE_INFINITY)

/**
 * Chunks in a row that other changes came before, until the request gives up; the operation stays,
 * to be gone on with.
 */
const MOST_STALE = 100

/**
 * Does what is left of the caller's bulk operation, chunk by chunk, for `withinMs` milliseconds at
 * most. Answers whether there was `none`, and else whether it is still `running`. Throws
 * `write_conflict`.
 */
export const finishBulk = async (
  ctx: Ctx,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<'none' | 'finished' | 'running'> => {
  const { receipt: _ofTheRequest, ...rest } = ctx
  const { userId } = ctx.actor
  const self: Ctx = { ...rest, actor: { kind: 'system', userId, subject: userId } }
  if (!(await runningBulk(self))) return 'none'
  const until = ctx.clock.now() + withinMs
  for (let stale = 0; stale < MOST_STALE; ) {
    if (ctx.clock.now() > until) return 'running'
    const outcome = await inTurn(self, () => nextChunk(self))
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
  ctx.bulk?.turns
    ? ctx.bulk.turns.run(ctx.actor.userId, () => afterOthers(work))
    : afterOthers(work)

/**
 * A database in a file answers without a look at what else there is to do: so that is done first.
 */
const afterOthers = async <T>(work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 0))
  return work()
}

const nextChunk = async (ctx: Ctx): Promise<'done' | 'stale' | 'finished'> => {
  const running = await runningBulk(ctx)
  if (!running) return 'finished'
  const kind = kinds.get(running.kind)
  if (!kind)
    throw new DomainError(
      'write_conflict',
      'Another version of the service is in the middle of a change of this account.',
    )
  try {
    return await runChunk(ctx, kind, running)
  } catch (error) {
    if (!isStorageFull(error)) throw error
    // What is left of a full disk may do for a small chunk: deleting is how there is room again.
    return runChunk(
      { ...ctx, bulk: { ...ctx.bulk, rows: Math.ceil(chunkRows(ctx) / SMALL) } },
      kind,
      running,
    )
  }
}

/** A chunk of a full disk is so many times smaller. */
const SMALL = 16

const runChunk = async (
  ctx: Ctx,
  kind: Kind,
  running: RunningBulk,
): Promise<'done' | 'stale' | 'finished'> => {
  const { writes, next } = await kind.chunk(ctx, running.data, running.targetId)
  ctx.charge?.(1)
  const all = [guard(ctx, running, next), ...writes]
  const outcome = kind.ofDeletedUser
    ? await ctx.db.atomic(all, { mustTouch: [0] })
    : await commit(ctx, { writes: all, mustTouch: [0], result: 'done' as const })
  if (outcome === 'stale') return 'stale'
  return next ? 'done' : 'finished'
}

/** Touches no row where another process did this chunk. */
const guard = (ctx: Ctx, { id, step }: RunningBulk, next: BulkData | undefined): Write => {
  const { proceed, finish } = statements(ctx.db)
  const common = { user: ctx.actor.userId, id, was: step }
  if (!next) return write(finish, common)
  return write(proceed, { ...common, data: next, step: step + 1, updatedAt: now(ctx) })
}

/** The clocks of processes on one database differ by less, in milliseconds. */
const MOST_AHEAD_MS = 60_000

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
  const [before, ahead] = [instantOf(now - idleMs), instantOf(now + MOST_AHEAD_MS)]
  return (await ctx.db.all(statements(ctx.db).idle, { before, ahead })).map(({ userId }) => userId)
}

/** Pieces of long work of one user that wait for their turn, in this process. */
const WAITING_OF_USER = 100

/**
 * The turns of users whose work is long: one chunk at a time runs, so that each waits for one chunk
 * of each other at most.
 */
export const createChunkTurns = (): FairQueue =>
  createFairQueue({
    concurrent: 1,
    concurrentPerKey: 1,
    waitingPerKey: WAITING_OF_USER,
    full: () =>
      new DomainError(
        'write_conflict',
        'Too many large changes of this account wait for each other. Try again later.',
      ),
  })
