import { defineBulk, retryingInChunks } from '../../core/bulk.ts'
import { logChange } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { lengthened } from '../../core/stored-bytes.ts'
import { nameTaken } from './create.ts'
import { existingLabel } from './get.ts'
import { leavingName } from './leaving.ts'
import type { Label, LabelPatch } from './schemas.ts'
import {
  countLabelled,
  existingNames,
  isOnMany,
  renameChunk,
  reviseLabelled,
  updateLabelRow,
} from './store.ts'

type Change = { readonly id: string; readonly ifMatch: Revisions; readonly patch: LabelPatch }

/**
 * Renames or recolors. A new name shows on every task that has the label, so each of them gets a
 * new revision; where there are many, in chunks. Throws `not_found`, `precondition_failed`,
 * `name_taken`, `write_conflict`.
 */
export const updateLabel = (ctx: Ctx, { id, ifMatch, patch }: Change): Promise<Label> => {
  return retryingInChunks(ctx, async () => {
    const label = await existingLabel(ctx, id)
    expectRevision('label', ifMatch, label)
    const patchedLabel = patched<Label>(label, patch)
    if (isUnchanged(label, patchedLabel)) return { unchanged: label }
    const { name } = patchedLabel
    const renamed = name !== label.name
    if (renamed && (await existingNames(ctx, [name])).size > 0) throw nameTaken()
    const large = renamed && (await isOnMany(ctx, id))
    const longer = lengthened(label.name, name)
    const room = longer > 0 ? longer * (await countLabelled(ctx, id)) : 0
    const next = { ...patchedLabel, updated_at: now(ctx), rev: ctx.ids.next() }
    return {
      writes: [
        updateLabelRow(ctx, label, next),
        logChange(ctx, 'label', id),
        ...(renamed && !large ? reviseLabelled(ctx, id) : []),
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
  chunk: async (ctx, data) => {
    const { writes, upTo } = await renameChunk(
      ctx,
      data['label'] as string,
      data['upTo'] as string | undefined,
    )
    return { writes, next: upTo === undefined ? undefined : { ...data, upTo } }
  },
})
