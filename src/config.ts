import { type BackupConfig, backupOf } from './config/backup.ts'
import { removedVariables } from './config/removed-variables.ts'
import { isPrivateUrl, isSameUrl } from './config/values.ts'
import { type Given, type VariableName, variables } from './config/variables.ts'
import type { Quotas } from './core/context.ts'
import type { LogLevel } from './core/log.ts'
import { parseDatabaseUrl } from './db/connection-url.ts'

export type { BackupConfig, S3Target } from './config/backup.ts'
export { variables } from './config/variables.ts'

/** An issuer whose tokens are checked with the keys that it publishes. */
export type JwksIssuer = {
  readonly url: string
  readonly issuer: string
  readonly audience: string
  /** The claim that holds the user. */
  readonly subjectClaim: string
}

/** The OpenID provider that people sign in with. */
export type OpenIdProvider = {
  /** Its issuer. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Separated by blanks. */
  readonly scopes: string
}

/** Everything that can be configured, checked. See docs/configuration.md for the variables. */
export type Config = {
  readonly port: number
  readonly host: string
  readonly dataDir: string | undefined
  /** Trimmed; undefined means the embedded file in the data folder. */
  readonly databaseUrl: string | undefined
  /** Of a libSQL server; here only what was given beside the URL. */
  readonly databaseAuthToken: string | undefined
  readonly databasePoolSize: number
  /**
   * Of a database in a file, in bytes: what is left free on its disk (undefined: as much as is
   * usual), and how much it may hold.
   */
  readonly storage: { readonly reserve: number | undefined; readonly limit: number | undefined }
  /** Where the database copies itself to, if anywhere. */
  readonly backup: BackupConfig | undefined
  readonly migrate: 'auto' | 'check' | 'off'
  /** Processes that answer requests. */
  readonly workers: number | 'auto'
  readonly logLevel: LogLevel
  /** Milliseconds that the process may take to end. */
  readonly shutdownMs: number
  /** Without a trailing slash. */
  readonly publicUrl: string | undefined
  readonly spaceId: string | undefined
  readonly trustedHops: number
  readonly corsOrigins: readonly string[] | '*'
  readonly rateLimits: {
    readonly on: boolean
    readonly authAddress: number
    readonly authAccount: number
    readonly caller: number
  }
  /** Bytes of request bodies in memory at once. */
  readonly bodies: { readonly process: number; readonly address: number; readonly user: number }
  readonly connections: { readonly total: number; readonly perAddress: number }
  readonly quotas: Quotas
  /** 0 keeps everything. */
  readonly trashDays: number
  readonly registration: 'open' | 'closed'
  /** Encrypts the private signing keys in the database. */
  readonly authSecret: string | undefined
  /** HS256 secret shared with another issuer, at least 32 bytes. */
  readonly sharedSecret: string | undefined
  readonly jwksIssuer: JwksIssuer | undefined
  /** May users of other issuers make API keys? */
  /** Undefined: none is configured. */
  readonly openid: OpenIdProvider | undefined
  readonly externalApiKeys: boolean
  readonly metricsToken: string | undefined
}

/**
 * The environment does not fit. One line a variable: its name, the reason, the remedy; never a
 * value.
 */
export class ConfigError extends Error {
  readonly lines: readonly string[]
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

const MIB = 2 ** 20
const bytesIn = (mib: number | undefined): number | undefined =>
  mib === undefined ? undefined : mib * MIB

/**
 * Reads every variable; blank ones count as not set. Throws ConfigError with everything that is
 * wrong.
 */
export const parseConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const faults: string[] = []
  const given = read(env, faults)
  refuseRemoved(env, faults)
  const jwksIssuer = jwksIssuerOf(given, faults)
  const openid = openIdOf(given, faults)
  refuseLonely(given, faults)
  const backup = backupOf(given, faults)
  if (faults.length > 0) throw new ConfigError(faults)
  const trustedHops = given.TRUSTED_HOPS ?? (given.SPACE_ID === undefined ? 0 : 1)
  return {
    port: given.PORT ?? 7860,
    host: given.HOST ?? '0.0.0.0',
    dataDir: given.DATA_DIR,
    databaseUrl: given.DATABASE_URL,
    databaseAuthToken: given.DATABASE_AUTH_TOKEN,
    databasePoolSize: given.DATABASE_POOL_SIZE ?? 10,
    storage: { reserve: bytesIn(given.DISK_RESERVE), limit: bytesIn(given.DATABASE_SIZE_LIMIT) },
    backup,
    migrate: given.MIGRATE ?? 'auto',
    workers: given.WORKERS ?? 1,
    logLevel: given.LOG_LEVEL ?? 'info',
    shutdownMs: (given.SHUTDOWN_SECONDS ?? 10) * 1_000,
    publicUrl: given.PUBLIC_URL ?? (given.SPACE_HOST && `https://${given.SPACE_HOST}`),
    spaceId: given.SPACE_ID,
    trustedHops,
    corsOrigins: given.CORS_ORIGINS ?? '*',
    rateLimits: {
      on: given.RATE_LIMIT ?? true,
      authAddress: given.RATE_LIMIT_SIGN_IN_PER_ADDRESS ?? 10,
      authAccount: given.RATE_LIMIT_SIGN_IN_PER_ACCOUNT ?? 10,
      caller: given.RATE_LIMIT_PER_USER ?? 600,
    },
    bodies: {
      process: (given.BODY_MEMORY ?? 64) * MIB,
      address: (given.BODY_MEMORY_PER_ADDRESS ?? 16) * MIB,
      user: (given.BODY_MEMORY_PER_USER ?? 8) * MIB,
    },
    connections: {
      total: given.CONNECTIONS ?? 5_000,
      // Behind a proxy all connections have one peer.
      perAddress:
        given.CONNECTIONS_PER_ADDRESS ?? (trustedHops === 0 ? 500 : Number.POSITIVE_INFINITY),
    },
    quotas: {
      tasks: given.QUOTA_TASKS ?? 100_000,
      projects: given.QUOTA_PROJECTS ?? 1_000,
      labels: given.QUOTA_LABELS ?? 1_000,
      keys: given.QUOTA_KEYS ?? 100,
      bytes: given.QUOTA_BYTES ?? 200_000_000,
    },
    trashDays: given.TRASH_DAYS ?? 30,
    registration: given.REGISTRATION ?? 'open',
    authSecret: given.AUTH_SECRET,
    sharedSecret: given.BETTER_AUTH_SECRET,
    jwksIssuer,
    openid,
    externalApiKeys: given.EXTERNAL_API_KEYS ?? false,
    metricsToken: given.METRICS_TOKEN,
  }
}

const read = (env: Readonly<Record<string, string | undefined>>, faults: string[]): Given =>
  Object.fromEntries(
    Object.entries(variables).map(([name, { schema, shown }]) => {
      const text = env[name]?.trim() ?? ''
      if (text === '') return [name, undefined]
      const result = schema.safeParse(text)
      if (result.success) return [name, result.data]
      const issue = result.error.issues[0]
      const complete = issue?.code === 'custom' && issue.params?.['complete'] === true
      faults.push(
        `${name} ${issue?.message ?? 'is not valid'}${complete ? '' : `: correct it, or remove it (default: ${shown.replaceAll('`', '')})`}`,
      )
      return [name, undefined]
    }),
  ) as Given

/**
 * To ignore them in silence would give the operator another service than the one that was set up.
 */
const refuseRemoved = (
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): void => {
  for (const [name, reason] of Object.entries(removedVariables))
    if (env[name]?.trim()) faults.push(`${name} ${reason}`)
}

/** Who sets it means a libSQL server: without one the data would go somewhere else in silence. */
const refuseLonely = (given: Given, faults: string[]): void => {
  if (faults.some((line) => line.startsWith('DATABASE_URL '))) return
  const location = parseDatabaseUrl(given.DATABASE_URL)
  if ('refused' in location) return
  if (given.DATABASE_AUTH_TOKEN !== undefined && location.kind !== 'libsql')
    faults.push(
      'DATABASE_AUTH_TOKEN is only for a libSQL server, and DATABASE_URL names none: set DATABASE_URL to it, or remove DATABASE_AUTH_TOKEN',
    )
  for (const name of ['DISK_RESERVE', 'DATABASE_SIZE_LIMIT'] as const)
    if (given[name] !== undefined && location.kind !== 'folder' && location.kind !== 'file')
      faults.push(
        `${name} is only for a database in a file, and DATABASE_URL names a server, which has limits of its own: remove ${name}`,
      )
  const inUrl = location.kind === 'libsql' ? location.authToken : undefined
  if (
    inUrl !== undefined &&
    given.DATABASE_AUTH_TOKEN !== undefined &&
    inUrl !== given.DATABASE_AUTH_TOKEN
  )
    faults.push(
      'DATABASE_AUTH_TOKEN is another token than the authToken in DATABASE_URL: remove one of them',
    )
}

/**
 * Tokens of an issuer that is not named, or that were made for another service, must not be taken:
 * so both are required.
 */
const jwksIssuerOf = (given: Given, faults: string[]): JwksIssuer | undefined => {
  const base = given.BETTER_AUTH_URL
  const url = given.AUTH_JWKS_URL ?? (base && `${base}/api/auth/jwks`)
  if (url === undefined) return undefined
  const required = (name: VariableName & ('AUTH_ISSUER' | 'AUTH_AUDIENCE')): string => {
    const value = given[name] ?? base
    if (value === undefined)
      faults.push(
        `${name} is required with AUTH_JWKS_URL: set it to the ${claims[name]} of the issuer's tokens`,
      )
    return value ?? ''
  }
  return {
    url,
    issuer: required('AUTH_ISSUER'),
    audience: required('AUTH_AUDIENCE'),
    subjectClaim: given.AUTH_SUBJECT_CLAIM ?? 'sub',
  }
}
const claims = { AUTH_ISSUER: 'iss', AUTH_AUDIENCE: 'aud' } as const

/**
 * All or nothing; and where the browser's cookie of a sign-in would not be kept, no sign-in could
 * be finished.
 */
const openIdOf = (given: Given, faults: string[]): OpenIdProvider | undefined => {
  const {
    OPENID_PROVIDER_URL: url,
    OAUTH_CLIENT_ID: clientId,
    OAUTH_CLIENT_SECRET: clientSecret,
    OAUTH_SCOPES: scopes,
  } = given
  if ([url, clientId, clientSecret, scopes].every((value) => value === undefined)) return undefined
  for (const name of ['OPENID_PROVIDER_URL', 'OAUTH_CLIENT_ID', 'OAUTH_CLIENT_SECRET'] as const)
    if (given[name] === undefined && !faults.some((line) => line.startsWith(`${name} `)))
      faults.push(
        `${name} is required to sign in with an OpenID provider: set it, or remove the other variables that begin with OPENID_ or OAUTH_`,
      )
  if (given.PUBLIC_URL !== undefined && !isPrivateUrl(given.PUBLIC_URL))
    faults.push(
      'PUBLIC_URL has to be https:// where people sign in with an OpenID provider: their browsers refuse its cookie otherwise',
    )
  if (
    url !== undefined &&
    isSameUrl(given.AUTH_ISSUER ?? given.BETTER_AUTH_URL ?? '', url) &&
    (given.AUTH_SUBJECT_CLAIM ?? 'sub') !== 'sub'
  )
    faults.push(
      'AUTH_SUBJECT_CLAIM has to be sub where AUTH_ISSUER is also OPENID_PROVIDER_URL: one person would be two users',
    )
  if (url === undefined || clientId === undefined || clientSecret === undefined) return undefined
  return { url, clientId, clientSecret, scopes: scopes ?? 'openid profile' }
}

/** The address for absolute URLs, without a trailing slash: never what a Host header says. */
export const baseUrlOf = ({ publicUrl, port }: Pick<Config, 'publicUrl' | 'port'>): string =>
  publicUrl ?? `http://localhost:${port || 7860}`
