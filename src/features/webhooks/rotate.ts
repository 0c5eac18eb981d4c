import { now, nowAfter } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { instantOf } from '../../db/instant.ts'
import type { WebhookCtx } from './context.ts'
import { existingWebhook } from './get.ts'
import { shownWebhook } from './row.ts'
import type { MadeWebhook } from './schemas.ts'
import { newSecret, ROTATION_MS } from './secrets.ts'
import { updateWebhookRow } from './store.ts'

/**
 * Gives an endpoint another secret, which only this answer shows. The one before signs besides for
 * a day, and the one before that not any more. Throws `not_found`, `write_conflict`.
 */
export const rotateSecret = async (ctx: WebhookCtx, id: string): Promise<MadeWebhook> => {
  const secret = newSecret()
  const sealed = await ctx.webhooks.sealer.seal(id, secret)
  return retrying(ctx, async () => {
    const stored = await existingWebhook(ctx, id, undefined)
    const at = now(ctx)
    const next = {
      ...stored,
      secret: sealed,
      previousSecret: stored.secret,
      previousUntil: instantOf(Date.parse(at) + ROTATION_MS),
      rev: ctx.ids.next(),
      updatedAt: nowAfter(ctx, stored.updatedAt),
    }
    return {
      parties: ownAccount(ctx),
      writes: [updateWebhookRow(ctx, stored, next)],
      mustTouch: [0],
      result: { ...shownWebhook(next, at), secret },
    }
  })
}
