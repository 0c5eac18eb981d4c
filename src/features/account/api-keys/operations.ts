import { signedIn } from '../../../core/access.ts'
import { defineOperation } from '../../../core/operation.ts'
import { pageQuery, pageSchema } from '../../../core/schemas.ts'
import { z } from '../../../core/zod.ts'
import type { ApiKeyCtx } from './context.ts'
import { createApiKey } from './create.ts'
import { deleteApiKey } from './delete.ts'
import { getApiKey } from './get.ts'
import { listApiKeys } from './list.ts'
import { ApiKey, CreatedApiKey, NewApiKey } from './schemas.ts'

export const apiKeyOperations = [
  defineOperation({
    id: 'listApiKeys',
    summary: 'List API keys',
    description: 'Newest first.',
    access: signedIn,
    query: z.strictObject(pageQuery),
    output: {
      description: 'A page of keys, without the keys themselves.',
      schema: pageSchema('ApiKeyPage', ApiKey),
    },
    refuses: ['session_required'],
    noStore: true,
    run: (ctx, { query }) => listApiKeys(ctx, query),
  }),
  defineOperation({
    id: 'createApiKey',
    summary: 'Make an API key',
    description:
      'The key itself is in this answer only. A repetition with the same Idempotency-Key is answered without it.',
    // Users of other issuers only where the configuration allows it; the verb looks.
    access: signedIn,
    body: NewApiKey,
    idempotent: true,
    shownOnce: ['key'],
    output: { description: 'The new key.', schema: CreatedApiKey },
    refuses: ['session_required', 'write_conflict'],
    noStore: true,
    run: (ctx: ApiKeyCtx, { body }) => createApiKey(ctx, body),
  }),
  defineOperation({
    id: 'getApiKey',
    summary: 'Get an API key',
    access: signedIn,
    takesId: true,
    output: { description: 'The key, without the key itself.', schema: ApiKey },
    refuses: ['session_required'],
    noStore: true,
    run: (ctx, { id }) => getApiKey(ctx, { id }),
  }),
  defineOperation({
    id: 'deleteApiKey',
    summary: 'Delete an API key',
    description: 'It stops working everywhere within 30 seconds.',
    access: signedIn,
    takesId: true,
    output: { description: 'The key is gone.' },
    refuses: ['session_required', 'write_conflict'],
    noStore: true,
    run: (ctx: ApiKeyCtx, { id }) => deleteApiKey(ctx, { id }),
  }),
] as const
