import type { Ctx } from '../../core/context.ts'
import { type Page, type Place, pageOf, placeOf } from '../../core/paging.ts'
import { isSameUser, readerIdOf } from '../../core/parties.ts'
import { getProject } from '../projects/index.ts'
import { getTask } from '../tasks/index.ts'
import type { ActivityQuery, ActorKind, Event } from './schemas.ts'
import { type EventPlace, pageOfEvents, type Source, type StoredEvent } from './store.ts'

/**
 * A page of what happened, the newest first: all that the caller may see, also of what is gone for
 * good, or that of one project or task. Throws `not_found`, `invalid` (cursor).
 */
export const listActivity = async (
  ctx: Ctx,
  source: Source,
  { limit, cursor, type }: ActivityQuery,
): Promise<Page<Event>> => {
  const list = JSON.stringify(['activity', source, type?.toSorted()])
  const place = cursor === undefined ? undefined : eventPlaceOf(placeOf(list, cursor))
  if (source.of === 'project') await getProject(ctx, source.id)
  if (source.of === 'task') await getTask(ctx, source.id)
  const found = await pageOfEvents(ctx, source, { types: type, limit: limit + 1, place })
  const stoppedAt = found.stoppedAt && placeIn(found.stoppedAt)
  const { items, next_cursor } = pageOf(list, found.events, limit, placeIn, stoppedAt)
  return { items: items.map((event) => shownEvent(ctx, event)), next_cursor }
}

const placeIn = ({ seq, id }: EventPlace): Place => ({ key: String(seq), id })
const eventPlaceOf = ({ key, id }: Place): EventPlace => ({
  seq: /^\d{1,9}$/.test(key) ? Number(key) : 0,
  id,
})

const shownEvent = (ctx: Ctx, event: StoredEvent): Event => {
  const { changes = {}, cause = null, details = {} } = event.data
  return {
    id: event.id,
    type: event.type,
    entity: event.entity,
    entity_id: event.entityId,
    project_id: event.projectId,
    task_id: event.taskId,
    actor: actorOf(ctx, event),
    at: event.at,
    changes,
    cause,
    details,
  }
}

const kinds: Readonly<Record<string, ActorKind>> = {
  session: 'session',
  key: 'key',
  external: 'external',
}

/** Of other users' credentials nothing is told but their kind. */
const actorOf = (ctx: Ctx, { actorId, credential }: StoredEvent): Event['actor'] => {
  const [name = ''] = credential.split(':')
  const isOwn = actorId !== null && isSameUser(actorId, readerIdOf(ctx))
  return {
    id: actorId,
    kind: kinds[name] ?? 'service',
    credential_id: isOwn && name in kinds ? credential.slice(name.length + 1) : null,
  }
}
