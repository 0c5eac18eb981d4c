// Makes deliveries of events: of each event one for each endpoint that is told of it.
import { now } from '../../core/context.ts'
import { logFailedWork } from '../../core/failed-work.ts'
import { isSuperseded } from '../../db/portable.ts'
import type { SendingCtx } from './context.ts'
import {
  advanceCursor,
  type EventBehind,
  eventsBehind,
  type Grown,
  grownWebhooks,
  insertDeliveries,
} from './cursor.ts'

/**
 * Brings the cursor of each endpoint to where its user's log is. The cursor moves in the batch that
 * makes the deliveries, from where it was read: so each event gets one delivery, however many
 * processes do this, and whenever one is killed. An endpoint for which too many wait stays behind.
 * Answers whether there are more events to be made deliveries of now.
 */
export const expandEvents = async (ctx: SendingCtx): Promise<boolean> => {
  let isBehind = false
  for (const webhook of await grownWebhooks(ctx)) {
    try {
      isBehind = (await expand(ctx, webhook)) || isBehind
    } catch (error) {
      if (isSuperseded(error)) throw error
      const of = { webhook_id: webhook.id, error }
      logFailedWork(ctx, 'events could not be made deliveries of a webhook', of)
    }
  }
  return isBehind
}

/** Answers whether there are more. */
const expand = async (ctx: SendingCtx, webhook: Grown): Promise<boolean> => {
  const { events, next } = await eventsBehind(ctx, webhook)
  const told = events.filter((event) => isTold(webhook, event))
  await ctx.db.atomic(
    [advanceCursor(ctx, webhook, next), ...insertDeliveries(ctx, webhook.id, told, now(ctx))],
    { mustTouch: [0], grows: told.length > 0 },
  )
  return next < webhook.present
}

const isTold = (
  { eventTypes, projectId }: Grown,
  event: Pick<EventBehind, 'type' | 'projectId'>,
): boolean =>
  (eventTypes.length === 0 || eventTypes.includes(event.type)) &&
  (projectId === null || projectId === event.projectId)
