import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { expectNotLeaving } from './leaving.ts'
import type { Label, NewLabel } from './schemas.ts'
import { existingNames, insertLabel } from './store.ts'

/** A label as it is when it is new. */
export const newLabel = (ctx: Ctx, name: string, color: string | null): Label => {
  const at = now(ctx)
  return { id: ctx.ids.next(), name, color, created_at: at, updated_at: at, rev: ctx.ids.next() }
}

export const nameTaken = (): DomainError =>
  new DomainError('name_taken', 'There is a label of this name.', [
    { at: ['name'], code: 'taken', detail: 'There is a label of this name.' },
  ])

/** Makes a label. Throws `name_taken`, `quota_exceeded`, `write_conflict`. */
export const createLabel = (ctx: Ctx, input: NewLabel): Promise<Label> => {
  const parties = ownAccount(ctx)
  const { ownerId } = parties
  return retrying(ctx, async () => {
    if ((await existingNames(ctx, ownerId, [input.name])).size > 0) throw nameTaken()
    await expectNotLeaving(ctx, ownerId, [input.name])
    const label = newLabel(ctx, input.name, input.color)
    return {
      parties,
      writes: [insertLabel(ctx, ownerId, label)],
      changes: [{ entity: 'label', id: label.id }],
      grows: { labels: 1 },
      result: label,
    }
  })
}
