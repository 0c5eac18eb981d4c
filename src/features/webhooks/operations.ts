import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import type { WebhookCtx } from './context.ts'
import { createWebhook } from './create.ts'
import { deleteWebhook } from './delete.ts'
import { getDelivery, listDeliveries } from './deliveries.ts'
import { Delivery, deliveriesQuery } from './delivery-schemas.ts'
import { getWebhook } from './get.ts'
import { listWebhooks } from './list.ts'
import { replayDelivery } from './replay.ts'
import { rotateSecret } from './rotate.ts'
import { MAX_WEBHOOKS, NewWebhook, Webhook, WebhookPatch, WebhookWithSecret } from './schemas.ts'
import { testWebhook } from './test.ts'
import { updateWebhook } from './update.ts'

const read = withScope('webhooks:read')
const write = withScope('webhooks:write')
const webhook = (description: string) => ({ description, schema: Webhook })

export const webhookOperations = [
  defineOperation({
    id: 'listWebhooks',
    summary: 'List webhooks',
    description: 'Newest first, without their secrets.',
    access: read,
    query: z.strictObject(pageQuery),
    output: { description: 'A page of webhooks.', schema: pageSchema('WebhookPage', Webhook) },
    run: (ctx, { query }) => listWebhooks(ctx, query),
  }),
  defineOperation({
    id: 'createWebhook',
    summary: 'Make a webhook',
    description: `At most ${MAX_WEBHOOKS} a user. It is told of what happens from now on, by POST, with all that its user may see of it: so the scope \`webhooks:write\` lets an API key read everything. It outlives the credential that made it. The secret that verifies what is sent (Standard Webhooks) is in this answer only; a repetition with the same Idempotency-Key is answered without it.`,
    access: write,
    body: NewWebhook,
    idempotent: true,
    shownOnce: ['secret'],
    output: { description: 'The new webhook.', schema: WebhookWithSecret },
    refuses: ['quota_exceeded', 'write_conflict'],
    noStore: true,
    run: (ctx: WebhookCtx, { body }) => createWebhook(ctx, body),
  }),
  defineOperation({
    id: 'getWebhook',
    summary: 'Read a webhook',
    access: read,
    takesId: true,
    output: webhook('The webhook, without its secret.'),
    run: (ctx, { id }) => getWebhook(ctx, id),
  }),
  defineOperation({
    id: 'updateWebhook',
    summary: 'Change a webhook',
    description:
      'Switched off, what waits to be sent to it fails, and what happens meanwhile is not sent later.',
    access: write,
    takesId: true,
    body: WebhookPatch,
    ifMatch: 'optional',
    output: webhook('The webhook as it is now.'),
    refuses: ['write_conflict'],
    // It looks up a host.
    ofItsOwn: true,
    run: (ctx: WebhookCtx, { id, ifMatch, body }) =>
      updateWebhook(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'With its deliveries.',
    access: write,
    takesId: true,
    ifMatch: 'optional',
    output: { description: 'Deleted.' },
    refuses: ['write_conflict'],
    run: (ctx, { id, ifMatch }) => deleteWebhook(ctx, { id, ifMatch }),
  }),
  defineOperation({
    id: 'rotateWebhookSecret',
    summary: 'Give a webhook another secret',
    description:
      'For 24 hours what is sent has two signatures, by the new secret and by the one before. The new one is in this answer only.',
    access: write,
    takesId: true,
    idempotent: true,
    shownOnce: ['secret'],
    output: { description: 'The webhook with its new secret.', schema: WebhookWithSecret },
    refuses: ['write_conflict'],
    noStore: true,
    run: (ctx: WebhookCtx, { id }) => rotateSecret(ctx, id),
  }),
  defineOperation({
    id: 'testWebhook',
    summary: 'Send a test to a webhook',
    description: 'A delivery of the type `webhook.test`, sent at once and tried as others are.',
    access: write,
    takesId: true,
    idempotent: true,
    output: { description: 'The delivery, which waits to be sent.', schema: Delivery },
    refuses: ['webhook_inactive', 'quota_exceeded', 'write_conflict'],
    run: (ctx: WebhookCtx, { id }) => testWebhook(ctx, id),
  }),
  defineOperation({
    id: 'listWebhookDeliveries',
    summary: 'List the deliveries of a webhook',
    description:
      'Newest first. Those that are over are kept for 30 days, and of each webhook the last 1,000.',
    access: read,
    takesId: true,
    query: deliveriesQuery,
    output: {
      description: 'A page of deliveries.',
      schema: pageSchema('WebhookDeliveryPage', Delivery),
    },
    run: (ctx, { id, query }) => listDeliveries(ctx, id, query),
  }),
  defineOperation({
    id: 'getWebhookDelivery',
    summary: 'Read a delivery',
    access: read,
    takesId: true,
    output: { description: 'The delivery.', schema: Delivery },
    run: (ctx, { id }) => getDelivery(ctx, id),
  }),
  defineOperation({
    id: 'replayWebhookDelivery',
    summary: 'Send a delivery again',
    description:
      'At once, with the same `webhook-id`, and with the thing as its user sees it then. It is tried as often as a new one.',
    access: write,
    takesId: true,
    idempotent: true,
    output: { description: 'The delivery, which waits to be sent.', schema: Delivery },
    refuses: ['webhook_inactive', 'write_conflict'],
    run: (ctx: WebhookCtx, { id }) => replayDelivery(ctx, id),
  }),
] as const
