import { now, nowAfter } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { checkedUrl, checkProject } from './checks.ts'
import type { WebhookCtx } from './context.ts'
import { giveUpDeliveries } from './delivery-store.ts'
import { existingWebhook } from './get.ts'
import { type Stored, shownWebhook } from './row.ts'
import type { Webhook, WebhookPatch } from './schemas.ts'
import { updateWebhookRow } from './store.ts'

type Change = { readonly id: string; readonly ifMatch: Revisions; readonly patch: WebhookPatch }

/**
 * Switched on again, it is told of what happens from then on, and why it was switched off is
 * forgotten. Switched off, what waits to be sent to it fails. Throws `not_found`,
 * `precondition_failed`, `invalid`, `write_conflict`.
 */
export const updateWebhook = async (
  ctx: WebhookCtx,
  { id, ifMatch, patch }: Change,
): Promise<Webhook> => {
  await existingWebhook(ctx, id, ifMatch)
  const url = patch.url === undefined ? undefined : await checkedUrl(ctx, patch.url)
  return retrying(ctx, async () => {
    const stored = await existingWebhook(ctx, id, ifMatch)
    const next = changed(stored, { ...patch, url })
    if (isUnchanged(stored, next)) return { unchanged: shownWebhook(stored, now(ctx)) }
    if (next.projectId !== stored.projectId) await checkProject(ctx, next.projectId)
    const revised = { ...next, rev: ctx.ids.next(), updatedAt: nowAfter(ctx, stored.updatedAt) }
    const isSwitchedOff = stored.active && !next.active
    return {
      parties: ownAccount(ctx),
      writes: [
        updateWebhookRow(ctx, stored, revised),
        ...(isSwitchedOff ? [giveUpDeliveries(ctx, id)] : []),
      ],
      mustTouch: [0],
      result: shownWebhook(revised, now(ctx)),
    }
  })
}

const changed = (stored: Stored, patch: WebhookPatch): Stored => {
  const { event_types: eventTypes, project_id: projectId, ...same } = patch
  const next = patched<Stored>(stored, { ...same, eventTypes, projectId })
  return next.active && !stored.active
    ? { ...next, disabledReason: null, disabledAt: null, failingSince: null }
    : next
}
