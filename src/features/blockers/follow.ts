// What follows for the tasks that wait for others when these are opened, closed, trashed or restored.
import { chunkRows } from '../../core/bulk-kinds.ts'
import type { Change } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import type { Write } from '../../db/statement.ts'
import { holdBlockers } from './store.ts'
import {
  settleBlocked,
  type WaitingTasks,
  waitingFor,
  waitingForProject,
  waitingForTrashed,
} from './waiting.ts'

/** `guards` have to touch a row. `writes` come behind what changes the tasks themselves. */
export type Following = {
  readonly guards: readonly Write[]
  readonly writes: readonly Write[]
  readonly changes: readonly Change[]
}
export const NOTHING: Following = { guards: [], writes: [], changes: [] }

export const together = (...all: readonly Following[]): Following => ({
  guards: all.flatMap(({ guards }) => guards),
  writes: all.flatMap(({ writes }) => writes),
  changes: all.flatMap(({ changes }) => changes),
})

/** The tasks may be more than those: `blocked` is worked out anew in each. */
export const followWaiting = (ctx: Ctx, owner: OwnerId, { rev, ids }: WaitingTasks): Following => {
  const guards = [holdBlockers(ctx, owner, rev)]
  if (ids.length === 0) return { guards, writes: [], changes: [] }
  const revision = { rev: ctx.ids.next(), at: now(ctx) }
  return {
    guards,
    writes: settleBlocked(ctx, ids, revision),
    changes: [{ ...revision, event: null }],
  }
}

/**
 * Of a batch that opens, closes, trashes or restores these tasks. `root` is a task whose row the
 * batch writes itself: that it has its own revision is what the answer says.
 */
export const followTasks = async (
  ctx: Ctx,
  owner: OwnerId,
  blockers: readonly string[],
  root?: string,
): Promise<Following> => {
  if (blockers.length === 0) return NOTHING
  const { rev, ids } = await waitingFor(ctx, owner, blockers)
  return followWaiting(ctx, owner, { rev, ids: ids.filter((id) => id !== root) })
}

/**
 * Of a batch that trashes all tasks of a project; undefined where more tasks wait for them than one
 * batch may change.
 */
export const followProject = async (
  ctx: Ctx,
  owner: OwnerId,
  project: string,
): Promise<Following | undefined> => {
  const waiting = await waitingForProject(ctx, owner, project)
  return waiting.ids.length > chunkRows(ctx) ? undefined : followWaiting(ctx, owner, waiting)
}

/**
 * Behind a change that trashed all tasks of a project in chunks: a page of what waits for them, in
 * the order of ids. `last` is the last one, where there may be more.
 */
export const followTrashedProject = async (
  ctx: Ctx,
  owner: OwnerId,
  project: string,
  after: string,
): Promise<Following & { readonly last: string | undefined }> => {
  const waiting = await waitingForTrashed(ctx, owner, { project, after, limit: chunkRows(ctx) })
  const last = waiting.ids.length < chunkRows(ctx) ? undefined : waiting.ids.at(-1)
  return { ...followWaiting(ctx, owner, waiting), last }
}
