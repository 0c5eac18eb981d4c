import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import { type Ctx, now } from '../../core/context.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { nameTaken } from './create.ts'
import { existingLabel } from './get.ts'
import type { Label, LabelPatch } from './schemas.ts'
import { existingNames, reviseLabelled, updateLabelRow } from './store.ts'

/** Renames or recolors. A new name shows on every task that has the label, so each of them gets a new revision. */
export const updateLabel = (ctx: Ctx, { id, ifMatch, patch }: { id: string; ifMatch: Revisions; patch: LabelPatch }): Promise<Label> => {
  allow(ctx.actor, 'updateLabel')
  return retrying(ctx, async () => {
    const label = await existingLabel(ctx, id)
    expectRevision('label', ifMatch, label)
    const { name = label.name, color = label.color } = patch
    if (name === label.name && color === label.color) return { unchanged: label }
    const renamed = name !== label.name
    if (renamed && (await existingNames(ctx, [name])).size > 0) throw nameTaken()
    const next = { ...label, name, color, updated_at: now(ctx), rev: ctx.ids.next() }
    return {
      writes: [updateLabelRow(ctx, label.rev, next), logChange(ctx, 'label', id), ...(renamed ? reviseLabelled(ctx, id) : [])],
      mustTouch: [0],
      result: next,
    }
  })
}
