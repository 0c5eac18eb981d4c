// The operations outside /api/v1 that answer JSON, as the document shows them.
import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { component, z } from '../core/zod.ts'
import { Problem } from './document.ts'

const Durability = z
  .object({
    kind: component('DurabilityKind', z.enum(['durable', 'ephemeral'])),
    reason: z.string(),
  })
  .openapi('Durability', { description: 'What becomes of the data at a restart, and why.' })
const Backup = component(
  'BackupStatus',
  z.object({
    last_at: z.iso.datetime({ precision: 3 }).nullable(),
    age_seconds: z.number().nullable(),
    size_bytes: z.int().nullable(),
    duration_seconds: z.number().nullable(),
    encrypted: z.boolean().nullable(),
    loss_bound_seconds: z.number().nullable(),
    unsaved_seconds: z.number().nullable(),
    failures: z.int(),
  }),
)
const Storage = z
  .object({
    state: component('StorageState', z.enum(['ok', 'full'])),
    used_bytes: z.int().nullable(),
    free_bytes: z.int().nullable(),
    unused_bytes: z.int().nullable(),
    reserve_bytes: z.int().nullable(),
    limit_bytes: z.int().nullable(),
  })
  .openapi('StorageStatus')
const JobStatus = z
  .object({
    name: z.string(),
    runs: z.int(),
    failures: z.int(),
    last_run: component(
      'JobRun',
      z.object({ started_at: z.iso.datetime({ precision: 3 }), duration_seconds: z.number() }),
    ).nullable(),
    last_failure: component(
      'JobFailure',
      z.object({ at: z.iso.datetime({ precision: 3 }), reason: z.string() }),
    ).nullable(),
    lag_seconds: z.number().nullable(),
  })
  .openapi('JobStatus', {
    description:
      'Work that the service does by itself, as the process knows it that answers. `lag_seconds` is how long something has been due that is not done.',
  })
const SignInOptions = z
  .object({
    registration: component('RegistrationMode', z.enum(['open', 'closed'])),
    openid: z
      .string()
      .nullable()
      .openapi({ description: 'The OpenID provider that people sign in with.' }),
  })
  .openapi('SignInOptions')

const Health = z
  .object({ status: z.literal('ok') })
  .openapi('Health', { example: { status: 'ok' } })

const Ready = z
  .object({
    status: component('Readiness', z.enum(['ready', 'unavailable'])),
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
    durability: Durability,
    backup: Backup.nullable(),
    storage: Storage,
    sign_in: SignInOptions,
    started_at: z.iso.datetime({ precision: 3 }),
    jobs: z.array(JobStatus).optional().openapi({
      description: 'For the operator only, who sends `METRICS_TOKEN` as a bearer token.',
    }),
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

const PublicKey = z
  .looseObject({ kty: z.string(), kid: z.string() })
  .openapi('PublicKey', { description: 'A public key (RFC 7517, 4).' })
const KeySet = z.object({ keys: z.array(PublicKey) }).openapi('KeySet', {
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

/** What a server refuses before it knows the path. */
const refused = {
  431: {
    description: 'The headers are too large (`headers_too_large`).',
    content: { 'application/problem+json': { schema: Problem } },
  },
}

const operations = [
  {
    path: '/health',
    operationId: 'getHealth',
    summary: 'Does the process answer?',
    description: 'Asks no database.',
    responses: { 200: answer('It does.', Health) },
  },
  {
    path: '/ready',
    operationId: 'getReady',
    summary: 'Can requests be served?',
    description: 'Does the database answer, and is it migrated?',
    responses: { 200: answer('Yes.', Ready), 503: answer('Not now.', Ready) },
  },
  {
    path: '/status',
    operationId: 'getStatus',
    summary: 'What is running?',
    description: 'What there is to say of the service to anybody.',
    responses: { 200: answer('Version, runtime, database, durability, ways to sign in.', Status) },
  },
  {
    path: '/.well-known/jwks.json',
    operationId: 'getKeySet',
    summary: 'The keys that check access tokens',
    description: 'A key set (RFC 7517), for services that check the tokens themselves.',
    responses: { 200: answer('The keys.', KeySet) },
  },
] as const

export const describeSystem = (registry: OpenAPIRegistry): void => {
  for (const { responses, ...operation } of operations)
    registry.registerPath({
      ...operation,
      method: 'get',
      tags: ['System'],
      security: [],
      responses: { ...responses, ...refused },
    })
}
