import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import type { Ctx } from '../../core/context.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { existingLabel } from './get.ts'
import { removeLabelRow, reviseWithout } from './store.ts'

/** Deletes a label and takes it off every task, each of which gets a new revision. */
export const deleteLabel = (ctx: Ctx, { id, ifMatch }: { id: string; ifMatch: Revisions }): Promise<void> => {
  allow(ctx.actor, 'deleteLabel')
  return retrying(ctx, async () => {
    const label = await existingLabel(ctx, id)
    expectRevision('label', ifMatch, label)
    const revised = reviseWithout(ctx, id)
    return {
      writes: [...revised, removeLabelRow(ctx, label), logChange(ctx, 'label', id, { gone: true })],
      mustTouch: [revised.length],
      grows: { labels: -1 },
      result: undefined,
    }
  })
}
