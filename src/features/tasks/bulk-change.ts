// A change of all tasks that a filter finds, in chunks. They are gone through in the order of their
// ids, which no change changes: so one that the filter does not find any more when it is changed is
// neither left out nor changed twice.
import { retryingInChunks } from '../../core/bulk.ts'
import { runningBulk } from '../../core/bulk-store.ts'
import type { Ctx } from '../../core/context.ts'
import { notFound, unknownReference } from '../../core/errors.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { accountIdOf, ownAccount } from '../../core/parties.ts'
import { resolveLabels } from '../labels/index.ts'
import { findTree } from '../projects/index.ts'
import { type BulkState, KIND, outcomeOf } from './bulk-chunks.ts'
import type { BulkChange, BulkOutcome, TaskChange } from './bulk-schemas.ts'
import { countMatching, findResult } from './bulk-store.ts'
import { conditionsOf } from './filter.ts'
import { expectOwn, zoneFor } from './list.ts'

/**
 * Changes the tasks that a filter finds now, each as the single request would. Answers when it is
 * done, or after ten seconds, when it goes on behind the answer; with `dry_run` it only counts.
 * Throws `invalid` (a project, parent or label that is not the caller's), `write_conflict`.
 */
export const bulkChange = async (
  ctx: Ctx,
  { filter, change, dry_run }: BulkChange,
): Promise<BulkOutcome> => {
  await expectOwn(ctx, filter, ['filter'])
  const [nowMs, zone] = [ctx.clock.now(), await zoneFor(ctx, filter)]
  const conditions = conditionsOf({ ...filter, deleted: false }, { nowMs, zone })
  const begun = await retryingInChunks(ctx, async () => {
    await expectTarget(ctx, change)
    const { matched, last } = await countMatching(ctx, conditions)
    const counted = { matched, changed: 0, unchanged: 0, refused: [] }
    if (dry_run || last === null)
      return { unchanged: { ...counted, id: null, done: true } as BulkOutcome }
    const parties = ownAccount(ctx)
    const names = change.action === 'add_labels' ? (change.labels ?? []) : []
    const labels = await resolveLabels(ctx, parties.ownerId, names, { trustSeen: false })
    const id = ctx.ids.next()
    const state: BulkState = {
      ...{ filter, change, nowMs, zone, matched },
      ...{ after: FIRST_ID, upTo: last, changed: 0, unchanged: 0, refused: {} },
    }
    return {
      parties,
      writes: labels.writes,
      changes: labels.changes,
      ...(labels.made > 0 && { grows: { labels: labels.made } }),
      result: { ...counted, id, done: false } as BulkOutcome,
      bulk: { kind: KIND, targetId: id, data: state },
    }
  })
  return bulkChangeNow(ctx, begun)
}

/**
 * What such a change has done until now. It is as it was where it is over and another one behind it, too:
 * of those that are over only the last one is known.
 */
export const bulkChangeNow = async (ctx: Ctx, known: BulkOutcome): Promise<BulkOutcome> =>
  (known.id !== null && (await findBulkChange(ctx, known.id))) || known

/** Throws `invalid` where the change of every task would be refused. */
const expectTarget = async (ctx: Ctx, { project_id }: TaskChange): Promise<void> => {
  if (project_id !== undefined && !(await findTree(ctx, project_id)))
    throw unknownReference('project_id', 'project', ['change'])
}

/**
 * What a change of many tasks has done until now. Of those that are over the last one is known.
 * Throws `not_found`.
 */
export const getBulkChange = async (ctx: Ctx, id: string): Promise<BulkOutcome> => {
  const found = await findBulkChange(ctx, id)
  if (!found) throw notFound('change of many tasks')
  return found
}

const findBulkChange = async (ctx: Ctx, id: string): Promise<BulkOutcome | undefined> => {
  const owner = accountIdOf(ctx)
  const running = await runningBulk(ctx, owner)
  if (running?.kind === KIND && running.targetId === id)
    return outcomeOf(id, running.data as BulkState, false)
  const over = await findResult(ctx, owner, id)
  return over && outcomeOf(id, over as BulkState, true)
}
