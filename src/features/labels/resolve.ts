import { LRUCache } from 'lru-cache'
import type { Told } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { perDatabase } from '../../db/database.ts'
import { newLabel } from './create.ts'
import { labelCreated } from './happened.ts'
import { expectNotLeaving } from './leaving.ts'
import { existingNames, insertLabel } from './store.ts'

/** The writes that make those labels which do not exist yet, and what readers are told of them. */
export type Resolved = Told & { readonly made: number }
const nothing: Resolved = { writes: [], changes: [], made: 0 }

const MAX_NAMES = 10_000
const seenIn = perDatabase(
  () => new LRUCache<string, true>({ maxSize: MAX_NAMES, sizeCalculation: () => 1 }),
)

/**
 * Plans those labels that the owner of a task is missing. With `trustSeen`, names that were there
 * before are not looked up: the write that links them has to touch a row, so that the batch is
 * stale where one is gone. A label made by another request meanwhile fails the batch; both are then
 * tried again.
 */
export const resolveLabels = async (
  ctx: Ctx,
  ownerId: OwnerId,
  names: readonly string[],
  { trustSeen }: { trustSeen: boolean },
): Promise<Resolved> => {
  const seen = seenIn(ctx.db)
  const keyOf = (name: string) => `${ownerId} ${name}`
  if (trustSeen && names.every((name) => seen.get(keyOf(name)))) return nothing
  const existing = await existingNames(ctx, ownerId, names)
  for (const name of names)
    existing.has(name) ? seen.set(keyOf(name), true) : seen.delete(keyOf(name))
  const unknown = names.filter((name) => !existing.has(name))
  if (unknown.length > 0) await expectNotLeaving(ctx, ownerId, unknown)
  const missing = unknown.map((name) => newLabel(ctx, name, null))
  return {
    writes: missing.map((label) => insertLabel(ctx, ownerId, label)),
    changes: missing.map((label) => ({
      entity: 'label',
      id: label.id,
      event: labelCreated(label),
    })),
    made: missing.length,
  }
}
