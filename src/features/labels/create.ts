import { type Creation, retryingOnce } from '../../core/client-ids.ts'
import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { accountIdOf, ownAccount } from '../../core/parties.ts'
import { labelCreated } from './happened.ts'
import { expectNotLeaving } from './leaving.ts'
import type { Label, NewLabel } from './schemas.ts'
import { existingNames, findLabel, insertLabel } from './store.ts'

/** A label as it is when it is new. */
export const newLabel = (ctx: Ctx, name: string, color: string | null): Label => {
  const at = now(ctx)
  return { id: ctx.ids.next(), name, color, created_at: at, updated_at: at, rev: ctx.ids.next() }
}

export const nameTaken = (): DomainError =>
  new DomainError('name_taken', 'There is a label of this name.', [
    { at: ['name'], code: 'taken', detail: 'There is a label of this name.' },
  ])

/** Makes a label. Throws `name_taken`, `quota_exceeded`, `write_conflict`, `id_taken`. */
export const createLabel = (ctx: Ctx, input: NewLabel): Promise<Label> => {
  const parties = ownAccount(ctx)
  const { ownerId } = parties
  return retryingOnce(ctx, creationOf(input), async (_attempt, given) => {
    if ((await existingNames(ctx, ownerId, [input.name])).size > 0) throw nameTaken()
    await expectNotLeaving(ctx, ownerId, [input.name])
    const made = newLabel(ctx, input.name, input.color)
    const label = given ? { ...made, id: given.id } : made
    return {
      parties,
      writes: [
        insertLabel(ctx, ownerId, label, given?.madeOf),
        ...(given ? [given.guard(ownerId)] : []),
      ],
      changes: [{ entity: 'label', id: label.id, event: labelCreated(label) }],
      mustTouch: given ? [1] : [],
      grows: { labels: 1 },
      result: label,
    }
  })
}

const creationOf = (input: NewLabel): Creation<NewLabel, Label> => ({
  kind: 'labels',
  defaults: { color: null },
  find: (ctx, id) => findLabel(ctx, accountIdOf(ctx), id),
  input,
})
