// The UIDs of tasks in a calendar: what other systems call them, where that tells them apart.
import type { Ctx } from '../../core/context.ts'
import { findKnown, findPresent } from '../tasks/index.ts'
import type { Kept } from './everything.ts'

export type UidOf = (id: string) => string

/** The UIDs of these tasks, and of those that they name. */
export const uidsOf = async (ctx: Ctx, page: readonly Kept[]): Promise<UidOf> => {
  const named = page.flatMap(({ task }) => [...task.blocked_by, task.parent_id ?? []].flat())
  const others = await findPresent(ctx, [...new Set(named)])
  const names = new Map<string, string>()
  for (const { id, externalId } of others.values()) if (externalId) names.set(id, externalId)
  for (const { task } of page) if (task.external_id !== null) names.set(task.id, task.external_id)
  // Tasks of two projects may have the same.
  const counts = new Map<string, number>()
  for (const { externalId } of await findKnown(ctx, [...names.values()]))
    counts.set(externalId, (counts.get(externalId) ?? 0) + 1)
  return (id) => {
    const name = names.get(id)
    return name !== undefined && (counts.get(name) ?? 0) <= 1 ? name : id
  }
}
