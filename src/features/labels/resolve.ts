import { logChange } from '../../core/changes.ts'
import type { Ctx } from '../../core/context.ts'
import type { Write } from '../../db/statement.ts'
import { newLabel } from './create.ts'
import { insertLabel, labelIds } from './store.ts'

/** Labels by name: their ids, and the writes that make those which do not exist yet. */
export type Resolved = { readonly ids: ReadonlyMap<string, string>; readonly writes: readonly Write[]; readonly made: number }

/** Finds labels by name and plans those that are missing. A label made by somebody else meanwhile fails the batch, which is then retried. */
export const resolveLabels = async (ctx: Ctx, names: readonly string[]): Promise<Resolved> => {
  const ids = await labelIds(ctx, names)
  const missing = names.filter((name) => !ids.has(name)).map((name) => newLabel(ctx, name, null))
  for (const { name, id } of missing) ids.set(name, id)
  return { ids, writes: missing.flatMap((label) => [insertLabel(ctx, label), logChange(ctx, 'label', label.id)]), made: missing.length }
}
