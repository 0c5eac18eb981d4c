import type { Ctx } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { existingWebhook } from './get.ts'
import { removeWebhook } from './store.ts'

/** Deletes an endpoint with its deliveries. Throws `not_found`, `precondition_failed`. */
export const deleteWebhook = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<void> =>
  retrying(ctx, async () => ({
    parties: ownAccount(ctx),
    writes: [removeWebhook(ctx, await existingWebhook(ctx, id, ifMatch))],
    mustTouch: [0],
    result: undefined,
  }))
