// What ties a task to others besides its place: its `external_id`, and what it waits for. Most tasks
// have neither, and most changes concern neither.
import type { Ctx } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { isSameField } from '../../core/patch.ts'
import { type Awaited, awaitTasks } from '../blockers/index.ts'
import { claimExternalId } from './external-ids.ts'
import type { Task } from './schemas.ts'

export const hasTies = ({ external_id, blocked_by }: Task): boolean =>
  external_id !== null || blocked_by.length > 0

/** Of a new task. Throws `invalid`, `external_id_taken`. */
export const tiesOfNew = async (ctx: Ctx, ownerId: OwnerId, task: Task): Promise<Awaited> => {
  const claim = await claimExternalId(ctx, ownerId, task)
  const { id, blocked_by: wanted } = task
  const awaited = await awaitTasks(ctx, { ownerId, id, before: undefined, wanted })
  return { ...awaited, guards: [...claim, ...awaited.guards] }
}

/** Of a task that becomes `after`; undefined where that concerns no ties. Throws the same. */
export const tiesBetween = (
  ctx: Ctx,
  ownerId: OwnerId,
  before: Task,
  after: Task,
): Promise<Awaited> | undefined => {
  const claims =
    after.external_id !== null &&
    (after.external_id !== before.external_id || after.project_id !== before.project_id)
  const awaits = !isSameField(before.blocked_by, after.blocked_by)
  return claims || awaits ? changedTies(ctx, ownerId, before, after, { claims, awaits }) : undefined
}

const changedTies = async (
  ctx: Ctx,
  ownerId: OwnerId,
  before: Task,
  after: Task,
  { claims, awaits }: { readonly claims: boolean; readonly awaits: boolean },
): Promise<Awaited> => {
  const claim = claims ? await claimExternalId(ctx, ownerId, after) : []
  const awaited = awaits
    ? await awaitTasks(ctx, {
        ownerId,
        id: after.id,
        before: before.blocked_by,
        wanted: after.blocked_by,
      })
    : { blocked: before.blocked, guards: [], links: [] }
  return { ...awaited, guards: [...claim, ...awaited.guards] }
}
