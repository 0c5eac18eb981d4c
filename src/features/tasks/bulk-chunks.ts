// The chunks of a change of many tasks.
import { LRUCache } from 'lru-cache'
import { type Chunk, chunkRows, chunkWithin, defineBulk } from '../../core/bulk-kinds.ts'
import type { BulkData, OwnedBulk } from '../../core/bulk-store.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { decidingOn, merged } from '../../core/together.ts'
import type { Decided } from '../../core/unit-of-work.ts'
import type { BulkOutcome, TaskChange, TaskFilter } from './bulk-schemas.ts'
import { isAnyMatching, keepResult, pageMatching } from './bulk-store.ts'
import { changeOne } from './bulk-verbs.ts'
import { conditionsOf } from './filter.ts'
import { findTask } from './store.ts'
import type { Conditions } from './stretches.ts'
import { ancestry } from './subtree.ts'

export const KIND = 'change_tasks'

/** Tasks that a chunk changes at most, and writes behind which it ends. */
const TASKS = 50
const WRITES = 250
/** What a task counts against the caller's limit: each is read and decided on by itself. */
const POINTS = 1 / TASKS

type Counts = {
  readonly changed: number
  readonly unchanged: number
  /** By code, and behind a blank by that of the field. */
  readonly refused: Readonly<Record<string, number>>
}
/** A change of all that is below a task, of its own kind. */
type Below = { readonly kind: string; readonly data: BulkData }
/** How far it is: what is behind `after` is left. */
export type BulkState = BulkData &
  Counts & {
    readonly filter: TaskFilter
    readonly change: TaskChange
    /** When it began, and where the caller was: that decides what is overdue. */
    readonly nowMs: number
    readonly zone: string
    readonly matched: number
    readonly after: string
    readonly upTo: string
    /** What is left of the tasks below the one that was changed last. */
    readonly below?: Below | undefined
  }

export const outcomeOf = (id: string, state: BulkState, done: boolean): BulkOutcome => ({
  id,
  matched: state.matched,
  changed: state.changed,
  unchanged: state.unchanged,
  refused: Object.entries(state.refused).map(([why, count]) => {
    const [code = '', reason = null] = why.split(' ')
    return { code, reason, count }
  }),
  done,
})

/**
 * The last try of a chunk, by this process: one that was tried before has failed, so that the next
 * try takes one task, and after that twice as many as the last time.
 */
type Try = { readonly step: number; readonly size: number; readonly refused?: string }
const tries = new LRUCache<string, Try>({ max: 1_000 })

const tryOf = ({ id, step }: OwnedBulk, most: number): Try => {
  const last = tries.get(id)
  const size = last === undefined ? most : last.step === step ? 1 : Math.min(most, 2 * last.size)
  const refused = last?.step === step && last.size === 1 ? last.refused : undefined
  return { step, size, ...(refused !== undefined && { refused }) }
}

const chunk = async (ctx: Ctx, running: OwnedBulk): Promise<Chunk> => {
  const state = running.data as BulkState
  if (state.below) {
    const { next, ...below } = await chunkWithin(ctx, running, state.below)
    return { ...below, next: { ...state, below: next && { ...state.below, data: next } } }
  }
  const now = tryOf(running, Math.min(TASKS, chunkRows(ctx)))
  tries.set(running.id, now)
  const conditions = conditionsOf({ ...state.filter, deleted: false }, state)
  const place = { after: state.after, upTo: state.upTo, limit: now.size }
  const ids = await pageMatching(ctx, conditions, place)
  const decided = await decideAll(ctx, state, { ids, conditions, refused: now.refused })
  const next: BulkState = { ...state, ...decided.state }
  const isExhausted = ids.length < now.size && decided.state.after === (ids.at(-1) ?? state.after)
  const last = isExhausted && !next.below
  const { plans } = decided
  const all = plans.length > 0 ? merged(plans) : { writes: [], mustTouch: [], changes: [] }
  return {
    ...all,
    changes: all.changes ?? [],
    points: decided.looked * POINTS,
    writes: last
      ? [...all.writes, keepResult(ctx, running.ownerId, running.targetId, resultOf(next))]
      : all.writes,
    next: last ? undefined : next,
  }
}

const resultOf = ({ matched, changed, unchanged, refused }: BulkState) => ({
  ...{ matched, changed, unchanged, refused },
})

type Page = {
  readonly ids: readonly string[]
  readonly conditions: Conditions
  /** Why the only one of them was refused when it was to be written. */
  readonly refused: string | undefined
}

/** What the verbs decide on these tasks, as many as one batch may change. */
const decideAll = async (ctx: Ctx, state: BulkState, { ids, conditions, refused }: Page) => {
  const plans: Decided[] = []
  const counts = { ...state, refused: { ...state.refused } } as {
    -readonly [K in keyof Counts]: Counts[K]
  } & { refused: Record<string, number> }
  let { after } = state
  let looked = 0
  let below: Below | undefined
  for (const id of ids) {
    looked++
    const one = refused ?? (await decideOne(ctx, state.change, { id, conditions }))
    if (typeof one === 'string') counts.refused[one] = (counts.refused[one] ?? 0) + 1
    else if (!one) counts.unchanged++
    after = id
    // Not counted: in a later chunk than the task above it the filter may not find it any more.
    if (typeof one !== 'object' || one === along) continue
    counts.changed++
    plans.push(one.plan as Decided)
    const bulk = one.plan?.bulk as Below | undefined
    below = bulk && { kind: bulk.kind, data: bulk.data }
    const writes = plans.reduce((sum, plan) => sum + plan.writes.length, 0)
    if (below || writes >= WRITES) break
  }
  const { changed, unchanged } = counts
  return { plans, looked, state: { changed, unchanged, refused: counts.refused, after, below } }
}

type One = { readonly plan: Decided | undefined }
/** It goes along with the task above it. */
const along: One = { plan: undefined }

/** What is decided on a task; a code where it is refused, and undefined where it stays as it is. */
const decideOne = async (
  ctx: Ctx,
  change: TaskChange,
  { id, conditions }: { id: string; conditions: Conditions },
): Promise<One | string | undefined> => {
  if (takesAlong.has(change.action) && (await isBelowAnother(ctx, id, conditions))) return along
  let plan: Decided | undefined
  const take = (decided: object): void => {
    plan = decided as Decided
  }
  const { queue: _waits, ...bulk } = ctx.bulk ?? {}
  const deciding = {
    ...ctx,
    bulk,
    db: decidingOn(ctx.db),
    collector: { attempt: 1, take, hasTaken: () => plan !== undefined },
  }
  for (let attempt = 1; ; attempt++)
    try {
      await changeOne(deciding, id, change)
      return plan && { plan }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      const isOvertaken = error.code === 'precondition_failed' && attempt < ATTEMPTS
      if (!isOvertaken) return reasonOf(error)
    }
}
const reasonOf = ({ code, faults: [first] }: DomainError): string =>
  code === 'invalid' && first ? `${code} ${first.code}` : code
/** How often it is looked at how a task is, where it changes meanwhile. */
const ATTEMPTS = 5

const takesAlong: ReadonlySet<TaskChange['action']> = new Set(['move', 'trash'])

/** So that a tree stays one: what is below a task that is changed as well follows that. */
const isBelowAnother = async (ctx: Ctx, id: string, conditions: Conditions): Promise<boolean> => {
  const parent = (await findTask(ctx, id))?.parent_id ?? null
  if (parent === null) return false
  return isAnyMatching(ctx, conditions, await ancestry(ctx, parent))
}

defineBulk(KIND, {
  chunk,
  refused: (running, error) => {
    const last = tries.get(running.id)
    if (last) tries.set(running.id, { ...last, refused: reasonOf(error) })
  },
})
