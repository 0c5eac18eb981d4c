import { z } from '@hono/zod-openapi'
import type { Ctx } from '../../core/context.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import {
  ApiKey,
  type ApiKeyCtx,
  CreatedApiKey,
  createApiKey,
  deleteApiKey,
  getApiKey,
  listApiKeys,
  NewApiKey,
} from '../../features/api-keys/index.ts'
import type { Deps } from '../deps.ts'
import { created, list, noContent, ok } from '../result.ts'
import type { Api } from '../router.ts'

const tag = 'API keys'

export const apiKeyRoutes = (api: Api, deps: Deps): void => {
  const { identity, config } = deps
  const keys = (ctx: Ctx): ApiKeyCtx => ({
    ...ctx,
    identity,
    externalApiKeys: config.externalApiKeys,
  })

  api.operation(
    {
      id: 'listApiKeys',
      method: 'get',
      path: '/api-keys',
      tag,
      summary: 'List API keys',
      description: 'Newest first.',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of keys, without the keys themselves.',
          schema: pageSchema('ApiKeyPage', ApiKey),
        },
      },
      refuses: ['session_required'],
      noStore: true,
    },
    async ({ ctx, query, url }) => list(await listApiKeys(ctx, query), url),
  )

  api.operation(
    {
      id: 'createApiKey',
      method: 'post',
      path: '/api-keys',
      tag,
      summary: 'Make an API key',
      description:
        'The key itself is in this answer only. A repetition with the same Idempotency-Key is answered without it.',
      body: NewApiKey,
      answers: { 201: { description: 'The new key.', schema: CreatedApiKey } },
      refuses: ['session_required', 'write_conflict'],
      idempotent: true,
      noStore: true,
    },
    ({ body, once }) =>
      once(
        (ctx) => createApiKey(keys(ctx), body),
        (key) => created(key, `/api/v1/api-keys/${key.id}`),
        { forget: ['key'] },
      ),
  )

  api.operation(
    {
      id: 'getApiKey',
      method: 'get',
      path: '/api-keys/{id}',
      tag,
      summary: 'Get an API key',
      answers: { 200: { description: 'The key, without the key itself.', schema: ApiKey } },
      refuses: ['session_required'],
      noStore: true,
    },
    async ({ ctx, id }) => ok(await getApiKey(ctx, { id })),
  )

  api.operation(
    {
      id: 'deleteApiKey',
      method: 'delete',
      path: '/api-keys/{id}',
      tag,
      summary: 'Delete an API key',
      description: 'It stops working everywhere within 30 seconds.',
      answers: { 204: { description: 'The key is gone.' } },
      refuses: ['session_required', 'write_conflict'],
      noStore: true,
    },
    async ({ ctx, id }) => {
      await deleteApiKey(keys(ctx), { id })
      return noContent
    },
  )
}
