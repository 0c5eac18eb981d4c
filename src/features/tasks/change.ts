import type { BulkPlan } from '../../core/bulk.ts'
import type { Told } from '../../core/change-log.ts'
import { after, type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { isSameField, isUnchanged } from '../../core/patch.ts'
import type { Plan } from '../../core/unit-of-work.ts'
import type { Instant } from '../../db/instant.ts'
import type { Write } from '../../db/statement.ts'
import { resolveLabels } from '../labels/index.ts'
import { followTimes, lookForDue } from '../reminders/index.ts'
import { changeFollowers, moveFollowers } from './below.ts'
import type { EditField } from './fields.ts'
import { followersOf } from './followers.ts'
import { guardsOfMoved } from './guards.ts'
import { taskChanged } from './happened.ts'
import { type Placement, placeExisting, type Wanted } from './placement.ts'
import type { Turn } from './recurrence/occurrence-done.ts'
import type { RecurrenceInput } from './recurrence/schemas.ts'
import { settle } from './recurrence/settle.ts'
import { turnOf } from './recurrence/turn.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'
import { linkLabel, type OwnedTask, unlinkLabels, updateTaskRow } from './store.ts'
import { tiesBetween } from './ties.ts'
import type { WaitingBelow } from './waits-below.ts'

/** What of a task a request changes: what its user decides, and the position that follows. */
export type Editable = Pick<Task, Exclude<EditField, 'recurrence'> | 'position'> & {
  readonly recurrence: RecurrenceInput | null
}
type Edited = Partial<Editable>
type Unchanged = { readonly unchanged: Task }

/**
 * The plan that makes a task what `edited` says, which leaves its status alone; `unchanged` where it
 * is so already, so that a repeated request neither makes a new revision nor wakes clients that
 * listen to changes.
 */
export const editTask = (
  ctx: Ctx,
  owned: OwnedTask,
  edited: Omit<Edited, 'status'>,
): Promise<Plan<Task> | Unchanged> =>
  isSettled(owned, edited)
    ? revise(ctx, owned, { edited, at: now(ctx) })
    : editSeries(ctx, owned, edited)

const editSeries = async (ctx: Ctx, owned: OwnedTask, edited: Edited) => {
  const { left, ...settled } = await settledBy(owned, edited)
  return revise(ctx, owned, { edited: settled, left, at: now(ctx) })
}

/** Does it leave the series alone? A due that is changed alone does. */
const isSettled = (
  { task }: OwnedTask,
  edited: Edited,
): edited is Omit<Edited, 'recurrence'> & { recurrence?: never } =>
  edited.recurrence === undefined && (edited.due !== null || task.recurrence === null)

/**
 * The same with a change of status, and puts the task where `placement` says. What is below it
 * follows.
 */
export const changeTask = async (
  ctx: Ctx,
  owned: OwnedTask,
  edited: Edited,
  placement?: Placement,
): Promise<BulkPlan<Task> | Unchanged> => {
  const { left, ...settled } = await settledBy(owned, edited)
  const at = now(ctx)
  const turn = await turnOf(ctx, owned, { edited: settled, left, at })
  return applyTurn(ctx, owned, { turn, at, placement })
}

/** What a request edits, with the series that follows from it. */
const settledBy = async (
  owned: OwnedTask,
  given: Edited,
): Promise<Partial<Task> & { left?: number | null | undefined }> => {
  if (isSettled(owned, given)) return given
  const { recurrence, ...edited } = given
  const { task } = owned
  const due = edited.due === undefined ? task.due : edited.due
  return { ...edited, ...(await settle(task, { recurrence, due })) }
}

/** What the plan of a turn changes, and in which instant. */
type Turning = {
  readonly turn: Turn
  readonly at: Instant
  readonly placement?: Placement | undefined
}

export const applyTurn = async (
  ctx: Ctx,
  owned: OwnedTask,
  { turn, at, placement }: Turning,
): Promise<BulkPlan<Task> | Unchanged> => {
  const { ownerId } = owned.parties
  const below =
    turn.below &&
    (await changeFollowers(ctx, ownerId, owned.task, turn.below, turn.edited.blocked_by))
  const waits = below?.waits
  const edited = { ...turn.edited, ...(below?.progress && { progress: below.progress }) }
  const plan = await revise(ctx, owned, { ...turn, edited, at, placement, waits })
  if ('unchanged' in plan) return plan
  const moves = plan.result.project_id !== owned.task.project_id
  const following = moves ? await moveFollowers(ctx, ownerId, plan.result) : undefined
  if (following?.bulk && below?.bulk) throw new Error('a large task moves and is done in two steps')
  const all = [following, below].filter((one) => one !== undefined)
  // As in `revise`: they hold what the plan may change.
  const heads = below?.guards ?? []
  const guards = following?.guards ?? []
  const upToGuards = heads.concat(plan.writes)
  const ahead = upToGuards.concat(
    guards,
    all.flatMap(({ writes }) => writes),
  )
  const last = waits?.guards ?? []
  return {
    ...plan,
    writes: ahead.concat(last),
    mustTouch: [...heads.keys()].concat(
      (plan.mustTouch ?? []).map((i) => heads.length + i),
      guards.map((_, i) => upToGuards.length + i),
      last.map((_, i) => ahead.length + i),
    ),
    changes: (plan.changes ?? []).concat(all.flatMap(({ changes }) => changes)),
    bulk: following?.bulk ?? below?.bulk,
    alone: all.some(({ alone }) => alone),
  }
}

type Revising = Pick<Turn, 'edited'> &
  Partial<Omit<Turn, 'edited'>> & {
    readonly at: Instant
    readonly placement?: Placement | undefined
    readonly waits?: WaitingBelow | undefined
  }

const revise = async (
  ctx: Ctx,
  { task, parties, reminderRev }: OwnedTask,
  { edited, left, writes = [], guarded = false, type, at, placement, remind, waits }: Revising,
): Promise<Plan<Task> | Unchanged> => {
  const next: Task = {
    ...task,
    ...edited,
    ...(placement && { project_id: placement.tree.id, parent_id: placement.parentId }),
  }
  // Where others get new positions the task's own may be the one that it had.
  const remakes = typeof placement?.positions === 'object'
  if (!remakes && writes.length === 0 && isUnchanged(task, next)) return { unchanged: task }
  const revised: Task = {
    ...next,
    completed_at: completedAt(task, next, at),
    updated_at: after(task.updated_at, at),
    rev: ctx.ids.next(),
  }
  const labels = await relabel(ctx, parties.ownerId, task, revised)
  const tying = tiesBetween(ctx, parties.ownerId, task, revised)
  const ties = tying && (await tying)
  revised.blocked = waits?.blocked ?? ties?.blocked ?? revised.blocked
  const following = followersOf(ctx, parties.ownerId, task, revised)
  const follow = 'then' in following ? await following : following
  const moves =
    remind?.always ||
    !(isSameField(task.start, revised.start) && isSameField(task.due, revised.due))
  const rescheduled = remind?.follow ?? followTimes
  const reminders = moves && reminderRev > 0 ? await rescheduled(ctx, [revised]) : nothing
  if (reminderRev > 0 && isDone(task.status) && !isDone(revised.status)) lookForDue(ctx)
  const first = [
    updateTaskRow(ctx, task, revised, { left, reminderRev: moves ? reminderRev : undefined }),
    ...reminders.writes,
    ...(placement ? guardsOfMoved(ctx, task, placement) : []),
    // What holds the number of the owner's blockers comes before what makes it another one.
    ...follow.guards,
    ...(ties?.guards ?? []),
    ...(guarded ? writes : []),
  ]
  const ahead = [...first, ...(guarded ? [] : writes), ...labels.writes]
  return {
    parties,
    writes: [...ahead, ...labels.links, ...(ties?.links ?? []), ...follow.writes],
    changes: labels.changes.concat(
      { entity: 'task', id: task.id, event: taskChanged(task, revised, type) },
      follow.changes,
      reminders.changes,
    ),
    mustTouch: [...first.map((_, i) => i), ...labels.links.map((_, i) => ahead.length + i)],
    ...(remakes && { queueKey: placement.tree.id }),
    ...(labels.made > 0 && { grows: { labels: labels.made } }),
    result: revised,
  }
}

const nothing: Told = { writes: [], changes: [] }

/** The placement that `wanted` asks for, where it is another one than the task has. */
export const newPlacement = async (
  ctx: Ctx,
  task: Task,
  wanted: Wanted,
): Promise<Placement | undefined> => {
  const { project_id = task.project_id, parent_id = task.parent_id } = wanted
  return project_id === task.project_id && parent_id === task.parent_id
    ? undefined
    : placeExisting(ctx, wanted, task)
}

const completedAt = (before: Task, after: Task, at: string): string | null => {
  if (after.status !== 'completed') return null
  return before.status === 'completed' ? before.completed_at : at
}

type Relabelling = Told & { readonly links: readonly Write[]; readonly made: number }

/**
 * Not the difference of the names, but all of them: then the links are right, no matter what they
 * were.
 */
const relabel = async (
  ctx: Ctx,
  ownerId: OwnerId,
  before: Task,
  after: Task,
): Promise<Relabelling> => {
  if (isSameField(before.labels, after.labels))
    return { writes: [], links: [], changes: [], made: 0 }
  const { writes, changes, made } = await resolveLabels(ctx, ownerId, after.labels, {
    trustSeen: false,
  })
  return {
    writes: [...writes, unlinkLabels(ctx, before.id)],
    links: after.labels.map((name) => linkLabel(ctx, ownerId, before.id, name)),
    changes,
    made,
  }
}
