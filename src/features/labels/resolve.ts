import { LRUCache } from 'lru-cache'
import { logChange } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { perDatabase } from '../../db/database.ts'
import type { Write } from '../../db/statement.ts'
import { newLabel } from './create.ts'
import { expectNotLeaving } from './leaving.ts'
import { existingNames, insertLabel } from './store.ts'

/** The writes that make those labels which do not exist yet. */
export type Resolved = { readonly writes: readonly Write[]; readonly made: number }

const MAX_NAMES = 10_000
const seenIn = perDatabase(
  () => new LRUCache<string, true>({ maxSize: MAX_NAMES, sizeCalculation: () => 1 }),
)

/**
 * Plans those labels that are missing. With `trustSeen`, names that were there before are not
 * looked up: the write that links them has to touch a row, so that the batch is stale where one is
 * gone. A label made by another request meanwhile fails the batch; both are then tried again.
 */
export const resolveLabels = async (
  ctx: Ctx,
  names: readonly string[],
  { trustSeen }: { trustSeen: boolean },
): Promise<Resolved> => {
  const seen = seenIn(ctx.db)
  const keyOf = (name: string) => `${ctx.actor.userId} ${name}`
  if (trustSeen && names.every((name) => seen.get(keyOf(name)))) return { writes: [], made: 0 }
  const existing = await existingNames(ctx, names)
  for (const name of names)
    existing.has(name) ? seen.set(keyOf(name), true) : seen.delete(keyOf(name))
  const unknown = names.filter((name) => !existing.has(name))
  if (unknown.length > 0) await expectNotLeaving(ctx, unknown)
  const missing = unknown.map((name) => newLabel(ctx, name, null))
  return {
    writes: missing.flatMap((label) => [
      insertLabel(ctx, label),
      logChange(ctx, 'label', label.id),
    ]),
    made: missing.length,
  }
}
