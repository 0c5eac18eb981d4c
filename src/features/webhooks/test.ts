import { now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { requireActive } from './checks.ts'
import { type WebhookCtx, wakeDelivery } from './context.ts'
import { newDelivery, shownDelivery } from './delivery-row.ts'
import type { Delivery } from './delivery-schemas.ts'
import { countPending, insertDelivery, MOST_PENDING } from './delivery-store.ts'
import { existingWebhook } from './get.ts'
import { TEST_TYPE } from './payload-schemas.ts'
import { holdWebhook } from './store.ts'

/**
 * Has a test sent to an endpoint. Throws `not_found`, `webhook_inactive`, `quota_exceeded`,
 * `write_conflict`.
 */
export const testWebhook = async (ctx: WebhookCtx, id: string): Promise<Delivery> => {
  const delivery = await retrying(ctx, async () => {
    const stored = await existingWebhook(ctx, id, undefined)
    requireActive(stored)
    if ((await countPending(ctx, id)) >= MOST_PENDING)
      throw new DomainError(
        'quota_exceeded',
        `${MOST_PENDING} deliveries wait for this webhook already.`,
      )
    const row = newDelivery({
      id: ctx.ids.next(),
      webhookId: id,
      eventId: null,
      eventType: TEST_TYPE,
      createdAt: now(ctx),
    })
    return {
      parties: ownAccount(ctx),
      writes: [holdWebhook(ctx, stored), insertDelivery(ctx, row)],
      mustTouch: [0],
      result: shownDelivery(row),
    }
  })
  wakeDelivery(ctx)
  return delivery
}
