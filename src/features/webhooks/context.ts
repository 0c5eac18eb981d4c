import type { Ctx, Interruptible } from '../../core/context.ts'
import type { Sealer } from '../../core/encryption.ts'
import { readerIdOf } from '../../core/parties.ts'
import type { DeliveryCounts } from './counts.ts'
import type { Targets } from './targets.ts'

/** What webhooks need of a process. */
export type WebhookParts = {
  readonly targets: Targets
  /** Encrypts their secrets. */
  readonly sealer: Sealer
  readonly counts: DeliveryCounts
}

/** What the verbs of webhooks need besides Ctx. */
export type WebhookCtx = Ctx & { readonly webhooks: WebhookParts }
/** The same for what sends them. */
export type SendingCtx = Omit<WebhookCtx, 'actor'> & Interruptible

/** Has it looked at soon what there is to send, by whichever process of the service sends. */
export const wakeDelivery = (ctx: Ctx): void => ctx.grown?.note([readerIdOf(ctx)])
