import { scopes } from '../../../core/access.ts'
import { GivenInstant, Id, Instant, line } from '../../../core/schemas.ts'
import { component, z } from '../../../core/zod.ts'
import { instantOf } from '../../../db/instant.ts'

const key = {
  id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
  name: 'Phone',
  prefix: 'tpk_2m0Zr6mX',
  scopes: ['tasks:read' as const, 'tasks:write' as const],
  expires_at: '2026-12-31T00:00:00.000Z',
  last_used_at: null,
  created_at: '2026-12-01T09:00:00.000Z',
}
const Scope = component('Scope', z.enum(scopes), { description: 'What a key may do.' })

export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    prefix: z.string().openapi({ description: 'How the key begins.' }),
    scopes: z.array(Scope),
    expires_at: Instant.nullable(),
    last_used_at: Instant.nullable().openapi({ description: 'To the minute.' }),
    created_at: Instant,
  })
  .openapi('ApiKey', { example: key })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = z
  .object({
    ...ApiKey.shape,
    key: z.string().optional().openapi({
      description: 'The key itself, shown this once: a repetition by Idempotency-Key lacks it.',
    }),
  })
  .openapi('CreatedApiKey', {
    example: { ...key, key: 'tpk_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdAq1w2e3' },
  })
/** A key as its maker gets it. */
export type MadeApiKey = ApiKey & { readonly key: string }

export const NewApiKey = z
  .strictObject({
    name: line(1, 120).openapi({ example: 'Phone', description: 'What the key is for.' }),
    scopes: z
      .array(Scope)
      .min(1, 'A key needs at least one scope.')
      .max(scopes.length)
      .refine((given) => new Set(given).size === given.length, {
        error: 'Each scope may be named once.',
        params: { code: 'repeated' },
      })
      .openapi({ uniqueItems: true, description: 'What the key may do.' }),
    expires_at: GivenInstant.transform(instantOf)
      .nullable()
      .default(null)
      .openapi({
        type: ['string', 'null'],
        format: 'date-time',
        description: 'From when on the key no longer works; null for never.',
      }),
  })
  .openapi('NewApiKey', { example: { name: key.name, scopes: key.scopes, expires_at: null } })
export type NewApiKey = z.output<typeof NewApiKey>
