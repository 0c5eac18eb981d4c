import { type BulkPlan, retryingInChunks } from '../../core/bulk.ts'
import { after, type Ctx, now } from '../../core/context.ts'
import { invalid, unknownReference } from '../../core/errors.ts'
import { newestPosition, positionsBetween } from '../../core/position.ts'
import type { Revisions } from '../../core/precondition.ts'
import type { Tree } from '../projects/index.ts'
import { changeTask } from './change.ts'
import { changeableTask } from './get.ts'
import type { TaskMove } from './move-schemas.ts'
import { aheadOfEquals, type Spot, start, taskAhead, tasksBehind } from './neighbours.ts'
import { type Placement, placeExisting } from './placement.ts'
import type { Task } from './schemas.ts'
import { findTask, updateTaskRow } from './store.ts'

/**
 * Tasks that get new positions together with the one that is moved, at most; up to twice as many
 * where more have the same one: they change in one batch.
 */
const WINDOW = 100
const MOST = 2 * WINDOW
/** Positions longer than this are made anew together with their neighbours'. */
const LONG = 24

/**
 * Moves a task to another project or parent, or to another place among the tasks of its project.
 * Throws `not_found`, `trashed`, `precondition_failed`, `invalid` (unknown project, parent or
 * neighbour; a cycle; too many levels; too many tasks at one position).
 */
export const moveTask = (
  ctx: Ctx,
  { id, ifMatch, move }: { id: string; ifMatch: Revisions; move: TaskMove },
): Promise<Task> => {
  return retryingInChunks(ctx, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    const { task } = owned
    const placement = await placeExisting(ctx, move, task)
    const { position, shifted, positions } = await spotFor(ctx, task, placement.tree, move)
    const plan = await changeTask(ctx, owned, { position }, { ...placement, positions })
    return 'unchanged' in plan ? plan : withShifted(ctx, plan, shifted)
  })
}

type Found = {
  readonly position: string
  readonly shifted: readonly { task: Task; position: string }[]
  readonly positions?: Placement['positions']
}

const spotFor = async (
  ctx: Ctx,
  task: Task,
  tree: Tree,
  { before, after }: TaskMove,
): Promise<Found> => {
  if (before === undefined && after === undefined)
    return { position: newestPosition(ctx.ids.next()), shifted: [] }
  const neighbour = await findTask(ctx, (before ?? after) as string)
  if (
    !neighbour ||
    neighbour.deleted_at !== null ||
    neighbour.project_id !== tree.id ||
    neighbour.id === task.id
  )
    throw unknownReference(before === undefined ? 'after' : 'before', 'task in this project')
  const ahead: Spot =
    before === undefined ? neighbour : await taskAhead(ctx, tree.id, neighbour, task.id)
  const found = await between(ctx, task, tree, ahead)
  if (found) return found
  throw invalid({
    at: [before === undefined ? 'after' : 'before'],
    code: 'crowded',
    detail: `More than ${MOST} tasks of the project have the position of this one. Move some of them elsewhere first, for example to the end.`,
  })
}

/**
 * A position just behind `ahead`. Two that move there at the same moment get the same one: then the
 * older task comes first, and a later move between them finds no room.
 */
const between = async (
  ctx: Ctx,
  task: Task,
  tree: Tree,
  ahead: Spot,
): Promise<Found | undefined> => {
  const low = ahead === start ? null : ahead.position
  const [next] = await tasksBehind(ctx, tree.id, ahead, task.id, 1)
  if (!next || next.position !== low) {
    const [position] = positionsBetween(low, next?.position ?? null, 1) as [string]
    if (position.length <= LONG) return { position, shifted: [], positions: 'held' }
  }
  return withRoom(ctx, task, tree, ahead)
}

/**
 * The same where there is no room (equal or overlong keys): those around `ahead` get new positions,
 * too. Undefined where they are more than one batch may change.
 */
const withRoom = async (
  ctx: Ctx,
  task: Task,
  tree: Tree,
  ahead: Spot,
): Promise<Found | undefined> => {
  const from = await aheadOfEquals(ctx, tree.id, ahead, task.id)
  for (let window = WINDOW; window <= MOST; window *= 2) {
    const behind = await tasksBehind(ctx, tree.id, from, task.id, window + 1)
    const end = behind[window]
    if (end && end.position <= ahead.position) continue // more tasks than that have the position of `ahead`
    const inside = behind
      .slice(0, window)
      .filter(({ position }) => end === undefined || position < end.position)
    const positions = positionsBetween(
      from === start ? null : from.position,
      end?.position ?? null,
      inside.length + 1,
    )
    const [position] = positions.splice(
      inside.filter((other) => !isBehind(other, ahead)).length,
      1,
    ) as [string]
    const shifted = inside.map((other, i) => ({ task: other, position: positions[i] as string }))
    const remade = {
      from: from === start ? undefined : from.position,
      end: end?.position,
      count: inside.length,
    }
    return { position, shifted, positions: remade }
  }
  return undefined
}

const isBehind = (a: Spot, b: Spot): boolean =>
  a.position > b.position || (a.position === b.position && a.id > b.id)

const withShifted = (ctx: Ctx, plan: BulkPlan<Task>, shifted: Found['shifted']): BulkPlan<Task> => {
  const at = now(ctx)
  const shifts = shifted.map(({ task, position }) => {
    const updated_at = after(task.updated_at, at)
    return updateTaskRow(ctx, task, { ...task, position, updated_at, rev: ctx.ids.next() })
  })
  return {
    ...plan,
    writes: [...plan.writes, ...shifts],
    changes: [
      ...(plan.changes ?? []),
      ...shifted.map(({ task }) => ({ entity: 'task', id: task.id, event: null }) as const),
    ],
    mustTouch: [...(plan.mustTouch ?? []), ...shifts.map((_, i) => plan.writes.length + i)],
  }
}
