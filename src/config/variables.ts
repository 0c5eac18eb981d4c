// Every variable of the environment, once. docs/configuration.md is printed from this table.
import { z } from 'zod'
import { logLevels } from '../core/log.ts'
import { parseDatabaseUrl } from '../db/connection-url.ts'
import { parseBackupUrl } from './backup.ts'
import {
  anyText,
  hostName,
  keySetUrl,
  oneOf,
  onOff,
  openIdScopes,
  origins,
  providerUrl,
  secret,
  webUrl,
  whole,
  wholeOrAuto,
} from './values.ts'

/**
 * One variable: what it is for, what holds without it (as the documentation shows it), and how its
 * text is read.
 */
export type Variable<S extends z.ZodType = z.ZodType> = {
  readonly doc: string
  readonly shown: string
  readonly schema: S
}

const variable = <S extends z.ZodType>(shown: string, schema: S, doc: string): Variable<S> => ({
  doc,
  shown,
  schema,
})
const NONE = 'not set'

const databaseUrl = z.string().superRefine((text, issues) => {
  const location = parseDatabaseUrl(text)
  if ('refused' in location)
    issues.addIssue({ code: 'custom', message: location.refused, params: { complete: true } })
})

export const variables = {
  PORT: variable('`7860`', whole(0, 65535), 'The TCP port. `0` takes any free one and says which.'),
  HOST: variable(
    '`0.0.0.0`',
    anyText,
    'The address to listen at. The default is every IPv4 interface; `127.0.0.1` is this machine only.',
  ),
  DATA_DIR: variable(
    '`/data` or `./data`',
    anyText,
    'The folder of the embedded database. Without it: of `/data` and `./data` the one that holds `taskport.db`; else the first that can be written to; else a temporary folder, whose data is lost at a restart. Network and FUSE file systems are refused: they corrupt a live database.',
  ),
  DATABASE_URL: variable(
    'embedded file',
    databaseUrl,
    'The database. Without it: `taskport.db` in the data folder. What it can be, and the parameters that it takes, stand [below](#database_url).',
  ),
  DATABASE_AUTH_TOKEN: variable(
    NONE,
    secret(1, 'characters'),
    'The token of a libSQL server or Turso, so that it does not have to stand in `DATABASE_URL` (as `authToken`).',
  ),
  DATABASE_POOL_SIZE: variable(
    '`10`',
    whole(1, 1_000),
    'Connections to a database server at most, per process: with `WORKERS` each of them has so many.',
  ),
  DISK_RESERVE: variable(
    '`64`; a quarter of a smaller disk',
    whole(0, 1_000_000),
    'MiB of the disk that a database in a file leaves free. With less, nothing new is stored (507, `storage_full`); deleting and signing in go on. See [a disk that fills](operating.md#a-disk-that-fills).',
  ),
  DATABASE_SIZE_LIMIT: variable(
    NONE,
    whole(1, 1_000_000_000),
    'MiB that a database in a file may hold before nothing new is stored, where the disk is not to be used up, or does not tell how much of it may be used.',
  ),
  BACKUP_URL: variable(
    NONE,
    z
      .string()
      .refine(
        (text) => parseBackupUrl(text) !== undefined,
        'is neither s3://bucket/prefix nor file:/path/to/folder',
      ),
    'Where the database in a file copies itself to and comes back from: `s3://bucket/prefix` for any S3-compatible store, or `file:/path/to/folder` for a mounted volume. One database a prefix. See [durability](deploy/durability.md).',
  ),
  BACKUP_ENDPOINT: variable(
    '`https://s3.$BACKUP_REGION.amazonaws.com`',
    webUrl,
    'The address of the store: `https://s3.hf.co/<namespace>`, `https://<account>.r2.cloudflarestorage.com`. Buckets are addressed in the path.',
  ),
  BACKUP_REGION: variable(
    '`us-east-1`',
    z.string().regex(/^[a-z0-9-]{1,40}$/, 'is not the name of a region'),
    'The region that requests are signed for.',
  ),
  BACKUP_ACCESS_KEY_ID: variable(
    NONE,
    anyText,
    'The access key of the bucket. Required where `BACKUP_URL` names a bucket.',
  ),
  BACKUP_SECRET_ACCESS_KEY: variable(NONE, secret(1, 'characters'), 'Its secret.'),
  BACKUP_ENCRYPTION_KEY: variable(
    NONE,
    secret(32, 'characters'),
    'At least 32 characters. Encrypts the copies (AES-256-GCM) and authenticates them: what was not made with it is refused. Lost, the copies are worthless: keep it somewhere else. Each database needs a key of its own. See [durability](deploy/durability.md#encrypted-copies).',
  ),
  BACKUP_ACCEPT_UNAUTHENTICATED: variable(
    '`off`',
    onOff,
    '`on` accepts copies that were made without `BACKUP_ENCRYPTION_KEY`, or by a version that did not authenticate them. Only for the first start after such a change: remove it when a copy has been made.',
  ),
  MIGRATE: variable(
    '`auto`',
    oneOf('auto', 'check', 'off'),
    'What happens at the start when the database lacks tables or columns of this version: `auto` makes them, `check` refuses to start and names what is missing, `off` starts and answers 503 until `npm run db:migrate` has been run.',
  ),
  LOG_LEVEL: variable(
    '`info`',
    oneOf(...logLevels),
    'The least important lines of the log: `debug`, `info`, `warning` or `error`.',
  ),
  SHUTDOWN_SECONDS: variable(
    '`10`',
    whole(3, 3_600),
    'How long the process may take to end after SIGTERM: three tenths for requests that run (eight where nothing is copied), then a [last copy](deploy/durability.md#what-is-lost-and-when). Set the time after which your platform kills it a second higher.',
  ),
  WORKERS: variable(
    '`1`',
    wholeOrAuto(1, 64),
    'Processes that answer requests, on Node; `auto` is one for each core. With more than one, the first process starts the others, answers as they do, and does what may be done once only. See [more than one core](operating.md#more-than-one-core).',
  ),
  PUBLIC_URL: variable(
    '`https://$SPACE_HOST`, else not set',
    webUrl,
    'The address by which clients reach the service. Used wherever an absolute URL is needed; the Host header never is.',
  ),
  SPACE_HOST: variable(NONE, hostName, 'Set by a Hugging Face Space: its host name.'),
  SPACE_ID: variable(
    NONE,
    anyText,
    'Set by a Hugging Face Space: its name. Lets huggingface.co show the page in a frame.',
  ),
  TRUSTED_HOPS: variable(
    '`0`; `1` on a Space',
    whole(0, 10),
    'How many proxies of yours stand in front. So many entries at the end of `X-Forwarded-For` are believed. Too many, and callers can choose their own address; too few, and all callers share one.',
  ),
  CORS_ORIGINS: variable(
    '`*`',
    origins,
    'The origins whose pages may call the API, separated by commas; `*` is all. Never with cookies: there are none.',
  ),
  RATE_LIMIT: variable('`on`', onOff, '`off` switches every rate limit off.'),
  RATE_LIMIT_SIGN_IN_PER_ADDRESS: variable(
    '`10`',
    whole(1, 1_000_000_000),
    'Wrong sign-ins per network and minute, for all accounts together. Registrations have the same limit, and are counted apart. A network is an IPv4 address or an IPv6 /64; its /56 may have twice as many, its /48 four times as many.',
  ),
  RATE_LIMIT_SIGN_IN_PER_ACCOUNT: variable(
    '`10`',
    whole(1, 1_000_000_000),
    'Wrong sign-ins per account and network in 15 minutes; an IPv6 /56 may have twice as many, a /48 four times as many. A day allows three times as many from an IPv4 address, six times from a /48, 300 times from all networks together. A device that sends its [device token](api.md#signing-in), and a session that proves its password, are counted apart: so many in 15 minutes, three times as many a day.',
  ),
  RATE_LIMIT_PER_USER: variable(
    '`600`',
    whole(1, 1_000_000_000),
    'Points per user (without one: per address) and minute. A request is one point, unless it is a wrong sign-in. A right sign-in or a password that has to be proven is ten more, each 10 ms that the database works on a list of a large account one more, each 250 tasks of a change of many one more, and each 64 KiB of a body one more. Each process that you start counts for itself; those of one service (`WORKERS`) tell each other whenever one of them has counted 2 % of it, so that a user may get up to 2 % more for each worker that the first process starts (and in one burst over many connections as much again).',
  ),
  BODY_MEMORY: variable(
    '`64`',
    whole(4, 65_536),
    'MiB that the bodies of requests may take in memory at once, in each process. One sender gets at most half of what is left. A request that would take more is answered 503.',
  ),
  BODY_MEMORY_PER_ADDRESS: variable(
    '`16`',
    whole(1, 65_536),
    'How many of these MiB one address may take (of IPv6: one /64). A request above that is answered 429. Behind a proxy this needs the right `TRUSTED_HOPS`.',
  ),
  BODY_MEMORY_PER_USER: variable(
    '`8`',
    whole(1, 65_536),
    'How many of these MiB one user may take. A request above that is answered 429.',
  ),
  CONNECTIONS: variable(
    '`5000`',
    whole(10, 1_000_000),
    'Connections at most, in each process, on Node and Deno. For a new one above that, the peer that has the most loses the connection that has been idle for longest.',
  ),
  CONNECTIONS_PER_ADDRESS: variable(
    '`500` where `TRUSTED_HOPS` is `0`',
    whole(1, 1_000_000),
    'How many of these one peer may have (of IPv6: one /64). Behind a proxy all connections have the same peer, the proxy. Set `TRUSTED_HOPS` there, or a higher number here.',
  ),
  QUOTA_TASKS: variable(
    '`100000`',
    whole(0, 1_000_000_000),
    'Tasks that a user may own, trash included.',
  ),
  QUOTA_PROJECTS: variable(
    '`1000`',
    whole(1, 1_000_000_000),
    'Projects that a user may own, the inbox included.',
  ),
  QUOTA_LABELS: variable('`1000`', whole(0, 1_000_000_000), 'Labels that a user may own.'),
  QUOTA_KEYS: variable('`100`', whole(0, 1_000_000_000), 'API keys that a user may own.'),
  QUOTA_BYTES: variable(
    '`200000000`',
    whole(0, 1_000_000_000_000_000),
    'Bytes that the texts of a user may take: see [what counts](api.md#quotas). A user who has more, because this was lowered, can still read, shorten and delete.',
  ),
  TRASH_DAYS: variable(
    '`30`',
    whole(0, 36_500),
    'Days after which what is in the trash is deleted for good. `0` keeps it for ever.',
  ),
  REGISTRATION: variable(
    '`open`',
    oneOf('open', 'closed'),
    'Can visitors make an account (`open`), or not (`closed`)? Closed, an OpenID provider lets in only whom there is an account for; users of other issuers, whose tokens are accepted, are made when they are first seen, either way.',
  ),
  AUTH_SECRET: variable(
    NONE,
    secret(32, 'characters'),
    'At least 32 characters. Encrypts the private signing keys in the database. Without it they lie there in the clear. Lost or changed, all have to sign in again.',
  ),
  BETTER_AUTH_SECRET: variable(
    NONE,
    secret(32, 'bytes'),
    'At least 32 bytes. Accepts HS256 tokens that another backend signs with this shared secret.',
  ),
  BETTER_AUTH_URL: variable(
    NONE,
    webUrl,
    'The address of a Better Auth server whose tokens are accepted.',
  ),
  AUTH_JWKS_URL: variable(
    '`$BETTER_AUTH_URL/api/auth/jwks`',
    keySetUrl,
    'Where an issuer publishes its keys (JWKS). Its tokens are accepted.',
  ),
  AUTH_ISSUER: variable(
    '`$BETTER_AUTH_URL`',
    z.string().max(191, 'is longer than 191 characters'),
    'The `iss` that those tokens must have. Required with `AUTH_JWKS_URL`.',
  ),
  AUTH_AUDIENCE: variable(
    '`$BETTER_AUTH_URL`',
    anyText,
    'The `aud` that those tokens must have. Required with `AUTH_JWKS_URL`.',
  ),
  AUTH_SUBJECT_CLAIM: variable(
    '`sub`',
    z.string().regex(/^[\w.:/-]{1,100}$/, 'is not the name of a claim'),
    'The claim of those tokens that names the user.',
  ),
  OPENID_PROVIDER_URL: variable(
    NONE,
    providerUrl,
    'An OpenID provider with which people can [sign in](sign-in.md): its issuer, such as `https://huggingface.co`. A Space with `hf_oauth: true` sets this and the next three.',
  ),
  OAUTH_CLIENT_ID: variable(
    NONE,
    anyText,
    'The name under which that provider knows this service. Required with `OPENID_PROVIDER_URL`.',
  ),
  OAUTH_CLIENT_SECRET: variable(
    NONE,
    secret(1, 'characters'),
    'What proves to that provider that it is this service. Required with `OPENID_PROVIDER_URL`.',
  ),
  OAUTH_SCOPES: variable(
    '`openid profile`',
    openIdScopes,
    'What that provider is asked for: `openid` at least, `profile` for the name.',
  ),
  EXTERNAL_API_KEYS: variable('`off`', onOff, '`on` lets users of other issuers make API keys.'),
  METRICS_TOKEN: variable(
    NONE,
    secret(16, 'characters'),
    'At least 16 characters. Opens `/metrics` (Prometheus) to clients that send it as a bearer token.',
  ),
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
/** What the environment says, checked; a variable that is not set or blank is undefined. */
export type Given = {
  readonly [N in VariableName]: z.output<(typeof variables)[N]['schema']> | undefined
}
