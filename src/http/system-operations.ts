// The operations outside /api/v1 that answer JSON, as the document shows them.
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '../core/zod.ts'

const Health = z
  .object({ status: z.literal('ok') })
  .openapi('Health', { example: { status: 'ok' } })

const Ready = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    storage: z
      .literal('full')
      .optional()
      .openapi({ description: 'There when nothing new can be stored. Everything else is served.' }),
  })
  .openapi('Ready', { example: { status: 'ready' } })

const Status = z
  .object({
    name: z.literal('Taskport'),
    version: z.string(),
    commit: z
      .string()
      .nullable()
      .openapi({ description: 'The revision of the source; null where it is not known.' }),
    runtime: z.string(),
    engine: z.string(),
    durability: z.object({ kind: z.enum(['durable', 'ephemeral']), reason: z.string() }),
    backup: z
      .object({
        last_at: z.iso.datetime({ precision: 3 }).nullable(),
        age_seconds: z.number().nullable(),
        size_bytes: z.int().nullable(),
        duration_seconds: z.number().nullable(),
        encrypted: z.boolean().nullable(),
        loss_bound_seconds: z.number().nullable(),
        unsaved_seconds: z.number().nullable(),
        failures: z.int(),
      })
      .nullable(),
    storage: z.object({
      state: z.enum(['ok', 'full']),
      used_bytes: z.int().nullable(),
      free_bytes: z.int().nullable(),
      unused_bytes: z.int().nullable(),
      reserve_bytes: z.int().nullable(),
      limit_bytes: z.int().nullable(),
    }),
    sign_in: z.object({
      registration: z.enum(['open', 'closed']),
      openid: z
        .string()
        .nullable()
        .openapi({ description: 'The OpenID provider that people sign in with.' }),
    }),
    started_at: z.iso.datetime({ precision: 3 }),
  })
  .openapi('Status', {
    description:
      'What is running, and what becomes of its data. `backup` is null where the database has no backups. A sudden end of the process costs at most the writes of the last `loss_bound_seconds`; `unsaved_seconds` is the age of the oldest write that no backup holds yet. `storage.state` is `full` when nothing new is stored (507): when `free_bytes` (of the disk) and `unused_bytes` (of the database file) have together fallen to `reserve_bytes`, when `used_bytes` has reached `limit_bytes`, or because the database says so. On a server the sizes are null.',
    example: {
      name: 'Taskport',
      version: '0.1.0',
      commit: '4f2c7e1d9b3a5860c1e7f2a4d6b8093e5c7a1f2d',
      runtime: 'node 24.21.0',
      engine: 'libSQL file',
      durability: {
        kind: 'durable',
        reason: 'The data is in a file on a disk of the machine, which restarts do not touch.',
      },
      backup: {
        last_at: '2026-12-01T09:00:05.120Z',
        age_seconds: 41.3,
        size_bytes: 184320,
        duration_seconds: 0.21,
        encrypted: true,
        loss_bound_seconds: 5.2,
        unsaved_seconds: null,
        failures: 0,
      },
      storage: {
        state: 'ok',
        used_bytes: 1_294_336,
        free_bytes: 21_474_836_480,
        unused_bytes: 40_960,
        reserve_bytes: 67_108_864,
        limit_bytes: null,
      },
      sign_in: { registration: 'open', openid: 'Hugging Face' },
      started_at: '2026-12-01T09:00:00.000Z',
    },
  })

const KeySet = z
  .object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
  .openapi('KeySet', {
    description: 'Public keys (RFC 7517).',
    example: {
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          alg: 'EdDSA',
          use: 'sig',
          kid: 'k1',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
        },
      ],
    },
  })

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})

const operations = [
  ['/health', 'getHealth', 'Does the process answer?', { 200: answer('It does.', Health) }],
  [
    '/ready',
    'getReady',
    'Can requests be served: does the database answer, and is it migrated?',
    { 200: answer('Yes.', Ready), 503: answer('Not now.', Ready) },
  ],
  [
    '/status',
    'getStatus',
    'What is running?',
    { 200: answer('Version, runtime, database, durability, ways to sign in.', Status) },
  ],
  [
    '/.well-known/jwks.json',
    'getKeySet',
    'The keys that check access tokens',
    { 200: answer('The keys.', KeySet) },
  ],
] as const

export const describeSystem = (app: OpenAPIHono): void => {
  for (const [path, operationId, summary, responses] of operations)
    app.openAPIRegistry.registerPath({
      method: 'get',
      path,
      operationId,
      summary,
      tags: ['System'],
      security: [],
      responses,
    })
}
