import type { Ctx } from '../../core/context.ts'
import type { Sealer } from '../../core/encryption.ts'
import type { DeliveryCounts } from './counts.ts'
import type { Targets } from './targets.ts'

/** What webhooks need of a process. */
export type WebhookParts = {
  readonly targets: Targets
  /** Encrypts their secrets. */
  readonly sealer: Sealer
  readonly counts: DeliveryCounts
  /** Is called where there may be something to send. */
  readonly wake: () => void
}

/** What the verbs of webhooks need besides Ctx. */
export type WebhookCtx = Ctx & { readonly webhooks: WebhookParts }
/** The same for what sends them. */
export type SendingCtx = Omit<WebhookCtx, 'actor'>
