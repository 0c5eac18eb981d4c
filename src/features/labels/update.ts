import { retryingInChunks } from '../../core/bulk.ts'
import { defineBulk } from '../../core/bulk-kinds.ts'
import { type Ctx, nowAfter } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { lengthened } from '../../core/stored-bytes.ts'
import { nameTaken } from './create.ts'
import { existingLabel } from './get.ts'
import { labelUpdated } from './happened.ts'
import { countLabelled, isOnMany, renameChunk, reviseLabelled } from './labelled-tasks.ts'
import { leavingName } from './leaving.ts'
import type { Label, LabelPatch } from './schemas.ts'
import { existingNames, updateLabelRow } from './store.ts'

type Change = { readonly id: string; readonly ifMatch: Revisions; readonly patch: LabelPatch }

/**
 * Renames or recolors. A new name shows on every task that has the label, so each of them gets a
 * new revision; where there are many, in chunks. Throws `not_found`, `precondition_failed`,
 * `name_taken`, `write_conflict`.
 */
export const updateLabel = (ctx: Ctx, { id, ifMatch, patch }: Change): Promise<Label> => {
  const parties = ownAccount(ctx)
  const { ownerId } = parties
  return retryingInChunks(ctx, async () => {
    const label = await existingLabel(ctx, id)
    expectRevision('label', ifMatch, label)
    const patchedLabel = patched<Label>(label, patch)
    if (isUnchanged(label, patchedLabel)) return { unchanged: label }
    const { name } = patchedLabel
    const renamed = name !== label.name
    if (renamed && (await existingNames(ctx, ownerId, [name])).size > 0) throw nameTaken()
    const large = renamed && (await isOnMany(ctx, id))
    const longer = lengthened(label.name, name)
    const room = longer > 0 ? longer * (await countLabelled(ctx, id)) : 0
    const updated_at = nowAfter(ctx, label.updated_at)
    const next = { ...patchedLabel, updated_at, rev: ctx.ids.next() }
    const revised = renamed && !large ? reviseLabelled(ctx, ownerId, id) : undefined
    return {
      parties,
      writes: [updateLabelRow(ctx, ownerId, label, next), ...(revised?.writes ?? [])],
      changes: [
        { entity: 'label', id, event: labelUpdated(label, next) },
        ...(revised?.changes ?? []),
      ],
      mustTouch: [0],
      wide: renamed,
      room,
      result: next,
      bulk: large ? { kind: KIND, targetId: id, data: leavingName(id, label.name) } : undefined,
    }
  })
}

const KIND = 'rename_label'

defineBulk(KIND, {
  chunk: async (ctx, { ownerId, data }) => {
    const { upTo, ...revising } = await renameChunk(
      ctx,
      ownerId,
      data['label'] as string,
      data['upTo'] as string | undefined,
    )
    return { ...revising, next: upTo === undefined ? undefined : { ...data, upTo } }
  },
})
