import { now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { ownAccount, readerIdOf } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { checkedUrl, checkProject } from './checks.ts'
import type { WebhookCtx } from './context.ts'
import { shownWebhook } from './row.ts'
import { MAX_WEBHOOKS, type MadeWebhook, type NewWebhook } from './schemas.ts'
import { newSecret } from './secrets.ts'
import { insertWebhook, pageOfWebhooks } from './store.ts'

/**
 * Makes an endpoint, which is told of what happens from now on. Its secret is in this answer only.
 * Throws `invalid`, `quota_exceeded`, `write_conflict`.
 */
export const createWebhook = async (ctx: WebhookCtx, given: NewWebhook): Promise<MadeWebhook> => {
  const url = await checkedUrl(ctx, given.url)
  const id = ctx.ids.next()
  const secret = newSecret()
  const sealed = await ctx.webhooks.sealer.seal(id, secret)
  return retrying(ctx, async () => {
    await checkProject(ctx, given.project_id)
    if ((await pageOfWebhooks(ctx, MAX_WEBHOOKS)).length >= MAX_WEBHOOKS)
      throw new DomainError(
        'quota_exceeded',
        `You may have ${MAX_WEBHOOKS} webhooks, and have them.`,
      )
    const at = now(ctx)
    const row = {
      id,
      userId: readerIdOf(ctx),
      url,
      description: given.description,
      eventTypes: given.event_types,
      projectId: given.project_id,
      secret: sealed,
      previousSecret: null,
      previousUntil: null,
      active: given.active,
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      rev: ctx.ids.next(),
      createdAt: at,
      updatedAt: at,
    }
    return {
      parties: ownAccount(ctx),
      writes: insertWebhook(ctx, row),
      mustTouch: [0],
      result: { ...shownWebhook(row, at), secret },
    }
  })
}
