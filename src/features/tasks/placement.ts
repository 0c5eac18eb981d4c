import type { Ctx } from '../../core/context.ts'
import { accountGone, invalid, unknownReference } from '../../core/errors.ts'
import { type OwnerId, ownAccount, type Parties, partiesOf } from '../../core/parties.ts'
import { findInbox, findTree, type Tree } from '../projects/index.ts'
import { levelsOf, reach } from './children.ts'
import { findTask } from './store.ts'
import { ancestry, MAX_LEVELS, seqOf } from './subtree.ts'

/** Where a task is to be. Undefined is not named; a parent of null is named: none. */
export type Wanted = {
  readonly project_id?: string | undefined
  readonly parent_id?: string | null | undefined
}
/**
 * Positions that are made anew: those of the `count` tasks behind `from` and before `end`.
 * Undefined is the first or last one.
 */
export type Remade = {
  readonly from: string | undefined
  readonly end: string | undefined
  readonly count: number
}
/**
 * Where a task will be. `positions` is set for a place between two tasks: `held` where their positions
 * stay, `Remade` where some tasks get new ones.
 */
export type Placement = {
  readonly tree: Tree
  readonly parentId: string | null
  readonly positions?: 'held' | Remade | undefined
  readonly large?: Large | undefined
}
/**
 * What is known of a task with much below it: its levels, as long as the user has changed nothing
 * since `seq`.
 */
type Large = { readonly levels: number; readonly seq: number }
/** Where a new task will be; `inbox` says whether that project is the inbox. */
export type NewPlacement = {
  readonly parties: Parties
  readonly projectId: string
  readonly parentId: string | null
  readonly inbox: boolean
}

/**
 * The place of a new task: the named project, else the parent's, else the inbox. Throws `invalid`
 * for a project or parent that is unknown, another user's, in the trash or not in the same project,
 * and for a tree of more than ten levels.
 */
export const placeNew = async (ctx: Ctx, wanted: Wanted): Promise<NewPlacement> => {
  if (wanted.project_id === undefined && (wanted.parent_id ?? null) === null) {
    const inbox = await findInbox(ctx)
    if (inbox === undefined) throw accountGone()
    return { parties: ownAccount(ctx), projectId: inbox, parentId: null, inbox: true }
  }
  const { tree, parentId } = await place(ctx, wanted, undefined)
  return { parties: partiesOf(tree.ownerId), projectId: tree.id, parentId, inbox: tree.inbox }
}

/**
 * The new place of a task that exists; also refuses to put it below itself. What is not named
 * stays, where it can.
 */
export const placeExisting = (
  ctx: Ctx,
  wanted: Wanted,
  task: { id: string; project_id: string; parent_id: string | null },
): Promise<Placement> => place(ctx, wanted, task)

const place = async (
  ctx: Ctx,
  wanted: Wanted,
  task: { id: string; project_id: string; parent_id: string | null } | undefined,
): Promise<Placement> => {
  const leaves =
    task !== undefined && wanted.project_id !== undefined && wanted.project_id !== task.project_id
  const parentId =
    wanted.parent_id === undefined ? (leaves ? null : (task?.parent_id ?? null)) : wanted.parent_id
  const parent = parentId === null ? undefined : await findTask(ctx, parentId)
  if (parentId !== null && (!parent || parent.deleted_at !== null))
    throw unknownReference('parent_id', 'task')
  const tree = await findTree(ctx, wanted.project_id ?? parent?.project_id ?? task?.project_id)
  if (!tree) throw unknownReference('project_id', 'project')
  if (parent) {
    if (parent.project_id !== tree.id)
      throw invalid({
        at: ['parent_id'],
        code: 'other_project',
        detail: 'The parent is in another project.',
      })
    return { tree, parentId, large: await expectRoom(ctx, tree.ownerId, parent.id, task?.id) }
  }
  return { tree, parentId }
}

const expectRoom = async (
  ctx: Ctx,
  ownerId: OwnerId,
  parentId: string,
  taskId: string | undefined,
): Promise<Large | undefined> => {
  const line = await ancestry(ctx, parentId)
  if (taskId !== undefined && line.includes(taskId))
    throw invalid({
      at: ['parent_id'],
      code: 'cycle',
      detail: 'A task cannot be a part of itself.',
    })
  const { levels, large } =
    taskId === undefined ? { levels: 1, large: undefined } : await levelsBelow(ctx, ownerId, taskId)
  if (line.length + levels > MAX_LEVELS)
    throw invalid({
      at: ['parent_id'],
      code: 'too_deep',
      detail: `Tasks have at most ${MAX_LEVELS} levels.`,
    })
  return large
}

const levelsBelow = async (
  ctx: Ctx,
  ownerId: OwnerId,
  task: string,
): Promise<{ levels: number; large: Large | undefined }> => {
  const { levels: few, large } = await reach(ctx, task)
  if (!large) return { levels: few, large: undefined }
  const seq = await seqOf(ctx, ownerId)
  const levels = await levelsOf(ctx, task)
  return { levels, large: { levels, seq } }
}
