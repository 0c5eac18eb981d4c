// Several changes in one batch: what each of their verbs has decided, put together in order.
import type { Database } from '../db/database.ts'
import type { Write } from '../db/statement.ts'
import type { Collector, Ctx } from './context.ts'
import { actorIdOf, isSameUser, type Parties } from './parties.ts'
import { commit, type Decided, type Plan } from './unit-of-work.ts'

/**
 * Thrown where a call cannot be decided together with others: it may be too large for one batch, or
 * does more than one.
 */
export class RunsAlone extends Error {}

export type Collected = { readonly collector: Collector; decided(): Decided | undefined }

/** Takes the plan of one call. The caller gets RunsAlone where the call has to run by itself. */
export const createCollector = (ctx: Ctx, attempt: number): Collected => {
  let decided: Decided | undefined
  const take = (plan: Decided): void => {
    const { bulk, alone, wide, queueKey, parties, receipt } = plan
    const large = bulk || alone || wide || queueKey !== undefined
    const paysForOther = receipt && !isSameUser(parties.ownerId, actorIdOf(ctx))
    if (decided || large || paysForOther) throw new RunsAlone()
    decided = plan
  }
  // What verbs hand over is a Decided: `collected` in unit-of-work.ts checks that.
  const collector = {
    attempt,
    take: take as Collector['take'],
    hasTaken: () => decided !== undefined,
  }
  return { collector, decided: () => decided }
}

const reading = new WeakMap<Database, Database>()
/** The same database for calls that only decide: what writes itself has to run alone. */
export const decidingOn = (db: Database): Database => {
  let found = reading.get(db)
  if (!found) {
    const atomic: Database['atomic'] = async () => {
      throw new RunsAlone()
    }
    found = Object.create(db, { atomic: { value: atomic }, viewOf: { value: db } }) as Database
    reading.set(db, found)
  }
  return found
}

export const haveSameParties = (a: Parties, b: Parties): boolean =>
  isSameUser(a.ownerId, b.ownerId) && a.readerIds.join() === b.readerIds.join()

/**
 * Commits what several calls have decided, all or none of it, in their order. Their parties are the
 * same. Answers `stale` where another change came in between, also one by a call before it. Throws
 * what `commit` throws.
 */
export const commitTogether = (ctx: Ctx, all: readonly Decided[]): Promise<'done' | 'stale'> =>
  commit(ctx, { ...merged(all), result: 'done' as const })

export const merged = (all: readonly Decided[]): Omit<Plan<unknown>, 'result'> => {
  const writes: Write[] = []
  const mustTouch: number[] = []
  const changes: NonNullable<Plan<unknown>['changes']>[number][] = []
  const grows: Record<string, number> = {}
  let room = 0
  for (const plan of all) {
    for (const index of plan.mustTouch ?? []) mustTouch.push(writes.length + index)
    for (const one of plan.writes) writes.push(one)
    if (plan.receipt) writes.push(plan.receipt)
    changes.push(...(plan.changes ?? []))
    for (const [what, by] of Object.entries(plan.grows ?? {})) grows[what] = (grows[what] ?? 0) + by
    room += plan.room ?? 0
  }
  const [{ parties }] = all as [Decided]
  return { parties, writes, mustTouch, changes, grows, room }
}
