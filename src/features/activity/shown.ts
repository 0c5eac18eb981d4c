// An event as its reader sees it.
import type { Ctx } from '../../core/context.ts'
import { isSameUser, readerIdOf } from '../../core/parties.ts'
import type { ActorKind, Event } from './schemas.ts'
import type { StoredEvent } from './store.ts'

export const shownEvent = (ctx: Ctx, event: StoredEvent): Event => {
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
