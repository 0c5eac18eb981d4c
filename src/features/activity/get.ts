import type { Ctx } from '../../core/context.ts'
import type { Event } from './schemas.ts'
import { shownEvent } from './shown.ts'
import { eventById } from './store.ts'

/** What happened. Undefined where it is gone, or the caller may not see it any more. */
export const findEvent = async (ctx: Ctx, id: string): Promise<Event | undefined> => {
  const event = await eventById(ctx, id)
  return event && shownEvent(ctx, event)
}
