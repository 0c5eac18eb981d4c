import type { Ctx } from '../../core/context.ts'
import { numberAt, type Page, type Place, pageOf, placeOf } from '../../core/paging.ts'
import { getProject } from '../projects/index.ts'
import { getTask } from '../tasks/index.ts'
import type { ActivityQuery, Event } from './schemas.ts'
import { shownEvent } from './shown.ts'
import { type EventPlace, pageOfEvents, type Source } from './store.ts'

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
const eventPlaceOf = (place: Place): EventPlace => ({ seq: numberAt(place), id: place.id })
