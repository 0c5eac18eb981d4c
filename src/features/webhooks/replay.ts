import { now } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { requireActive } from './checks.ts'
import { type WebhookCtx, wakeDelivery } from './context.ts'
import { shownDelivery } from './delivery-row.ts'
import type { Delivery } from './delivery-schemas.ts'
import { findDelivery, sendAgain } from './delivery-store.ts'
import { existingWebhook } from './get.ts'
import { holdWebhook } from './store.ts'

/**
 * Has a delivery sent again at once, under the same `webhook-id`, also one that has arrived. It is tried
 * as often as a new one. Throws `not_found`, `webhook_inactive`, `write_conflict`.
 */
export const replayDelivery = async (ctx: WebhookCtx, id: string): Promise<Delivery> => {
  const delivery = await retrying(ctx, async () => {
    const stored = await findDelivery(ctx, id)
    if (!stored) throw notFound('delivery')
    const webhook = await existingWebhook(ctx, stored.webhookId, undefined)
    requireActive(webhook)
    const at = now(ctx)
    return {
      parties: ownAccount(ctx),
      writes: [holdWebhook(ctx, webhook), sendAgain(ctx, stored, at)],
      mustTouch: [0, 1],
      result: shownDelivery({ ...stored, status: 'pending', attempts: 0, nextAt: at }),
    }
  })
  wakeDelivery(ctx)
  return delivery
}
