import { retryingInChunks } from '../../core/bulk.ts'
import { defineBulk } from '../../core/bulk-kinds.ts'
import { type Ctx, nowAfter } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { existingLabel } from './get.ts'
import { labelDeleted } from './happened.ts'
import { deletionChunk, isOnMany, reviseWithout } from './labelled-tasks.ts'
import { leavingName } from './leaving.ts'
import { NO_NAME } from './row.ts'
import { removeLabelRow, updateLabelRow } from './store.ts'

type Deletion = {
  readonly id: string
  readonly ifMatch: Revisions
  /** Another label of the owner, which its tasks get. */
  readonly into?: string
}

/**
 * Deletes a label and takes it off every task, each of which gets a new revision. Where there are
 * many, the label is gone at once, and its name goes from the tasks in chunks. Throws `not_found`,
 * `precondition_failed`, `write_conflict`.
 */
export const deleteLabel = (ctx: Ctx, { id, ifMatch, into }: Deletion): Promise<void> => {
  const parties = ownAccount(ctx)
  const { ownerId } = parties
  return retryingInChunks(ctx, async () => {
    const label = await existingLabel(ctx, id)
    expectRevision('label', ifMatch, label)
    const large = await isOnMany(ctx, id)
    const updated_at = nowAfter(ctx, label.updated_at)
    const nameless = { ...label, name: NO_NAME, updated_at, rev: ctx.ids.next() }
    const revised = large ? { writes: [], changes: [] } : reviseWithout(ctx, ownerId, id, into)
    const remove = large
      ? updateLabelRow(ctx, ownerId, label, nameless)
      : removeLabelRow(ctx, ownerId, label)
    return {
      parties,
      writes: [...revised.writes, remove],
      changes: [
        ...revised.changes,
        { entity: 'label', id, gone: true, event: labelDeleted(label) },
      ],
      mustTouch: [revised.writes.length],
      wide: true,
      grows: { labels: -1 },
      result: undefined,
      bulk: large
        ? { kind: KIND, targetId: id, data: { ...leavingName(id, label.name), into } }
        : undefined,
    }
  })
}

const KIND = 'delete_label'

defineBulk(KIND, {
  chunk: async (ctx, { ownerId, data }) => {
    const { last, ...revising } = await deletionChunk(
      ctx,
      ownerId,
      data['label'] as string,
      data['into'] as string | undefined,
    )
    return { ...revising, next: last ? undefined : data }
  },
})
