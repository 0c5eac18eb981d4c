// The requests that the service makes itself, to the endpoints of webhooks, as the document shows
// them.
import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { z } from '../../core/zod.ts'
import { EventPayload, TestPayload } from '../../features/webhooks/index.ts'

/** Standard Webhooks, "Webhook Headers". */
const headers = z.object({
  'webhook-id': z.string().openapi({
    description: 'The same at each attempt: what was received already has it.',
  }),
  'webhook-timestamp': z.string().openapi({
    description: 'When this attempt was made, in seconds since 1970.',
  }),
  'webhook-signature': z.string().openapi({
    description: '`v1,` and the signature, once or, after a rotation, twice, with a space between.',
  }),
})

const responses = {
  '2XX': { description: 'It has arrived.' },
  410: { description: 'It is never to be sent anything again: the webhook is switched off.' },
  default: { description: 'It is sent again later, after `Retry-After` where that is given.' },
}

export const describeDeliveries = (registry: OpenAPIRegistry): void => {
  const delivery = (name: string, summary: string, schema: z.ZodType) =>
    registry.registerWebhook({
      method: 'post',
      path: name.toLowerCase(),
      operationId: `receive${name}`,
      tags: ['Webhooks'],
      summary,
      // Nothing but the signature proves who sends it.
      security: [],
      request: {
        headers,
        body: { required: true, content: { 'application/json': { schema } } },
      },
      responses,
    })
  delivery('Event', 'Something has happened', EventPayload)
  delivery('Test', 'A test', TestPayload)
}
