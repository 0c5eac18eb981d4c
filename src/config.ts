import { type BackupConfig, backupOf } from './config/backup.ts'
import { refuseMismatched } from './config/database.ts'
import { readEnvironment, refuseRemoved } from './config/environment.ts'
import {
  type JwksIssuer,
  jwksIssuerOf,
  type OpenIdProvider,
  openIdOf,
  sharedSecretOf,
} from './config/issuers.ts'
import type { Quotas } from './core/context.ts'
import type { LogLevel } from './core/log.ts'

export type { BackupConfig, S3Target } from './config/backup.ts'
export type { JwksIssuer, OpenIdProvider } from './config/issuers.ts'
export { areNamedBySub, SHARED_SECRET_ISSUER } from './config/issuers.ts'
export { variables } from './config/variables.ts'

/** The checked configuration. docs/configuration.md has the variables. */
export type Config = {
  readonly port: number
  readonly host: string
  readonly dataDir: string | undefined
  /** Undefined means the embedded file in the data folder. */
  readonly databaseUrl: string | undefined
  /** The token of a libSQL server, if it is not in the URL. */
  readonly databaseAuthToken: string | undefined
  readonly databasePoolSize: number
  /**
   * Of a database in a file, in bytes: what has to stay free on its disk (undefined: the default),
   * and how much it may store.
   */
  readonly storage: { readonly reserve: number | undefined; readonly limit: number | undefined }
  /** Where backups go, if they are configured. */
  readonly backup: BackupConfig | undefined
  readonly migrate: 'auto' | 'check' | 'off'
  /** Processes that answer requests. */
  readonly workers: number | 'auto'
  readonly logLevel: LogLevel
  readonly logFormat: 'auto' | 'json' | 'text'
  /** Milliseconds within which the process has to end. */
  readonly shutdownMs: number
  /** Without a trailing slash. */
  readonly publicUrl: string | undefined
  readonly spaceId: string | undefined
  /** The revision of the source, where the build knows it. */
  readonly sourceCommit: string | undefined
  readonly trustedHops: number
  readonly corsOrigins: readonly string[] | '*'
  /** Hosts of the operator's own network that webhooks may reach. */
  readonly webhookHosts: readonly string[]
  readonly rateLimits: {
    readonly on: boolean
    readonly authAddress: number
    readonly authAccount: number
    readonly caller: number
  }
  /** Bytes of request bodies in memory at a time. */
  readonly bodies: { readonly process: number; readonly address: number; readonly user: number }
  readonly connections: { readonly total: number; readonly perAddress: number }
  readonly quotas: Quotas
  /** 0 keeps everything. */
  readonly trashDays: number
  readonly activityDays: number
  readonly registration: 'open' | 'closed'
  /** Encrypts the private signing keys in the database. */
  readonly authSecret: string | undefined
  /** HS256 secret shared with another issuer, at least 32 bytes. */
  readonly sharedSecret: string | undefined
  /** The claim that names the user in tokens with that secret; undefined: those that agree. */
  readonly subjectClaim: string | undefined
  readonly jwksIssuer: JwksIssuer | undefined
  readonly openid: OpenIdProvider | undefined
  /** Whether users of other issuers may make API keys. */
  readonly externalApiKeys: boolean
  readonly metricsToken: string | undefined
  /** How the original contract answers a list and a DELETE. */
  readonly legacy: { readonly list: 'array' | 'tasks'; readonly deleted: 200 | 204 }
}

/**
 * The environment is not valid. One line for each fault: the variable, the reason, the remedy. A
 * line never has a value.
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

/** Reads every variable. Blank ones count as not set. Throws ConfigError with all faults. */
export const parseConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const faults: string[] = []
  const given = readEnvironment(env, faults)
  refuseRemoved(env, faults)
  const jwksIssuer = jwksIssuerOf(given, faults)
  const openid = openIdOf(given, jwksIssuer, faults)
  const sharedSecret = sharedSecretOf(given, faults)
  refuseMismatched(given, faults)
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
    logFormat: given.LOG_FORMAT ?? 'auto',
    shutdownMs: (given.SHUTDOWN_SECONDS ?? 10) * 1_000,
    publicUrl: given.PUBLIC_URL ?? (given.SPACE_HOST && `https://${given.SPACE_HOST}`),
    spaceId: given.SPACE_ID,
    sourceCommit: given.SOURCE_COMMIT,
    trustedHops,
    corsOrigins: given.CORS_ORIGINS ?? '*',
    webhookHosts: given.WEBHOOK_ALLOW_HOSTS ?? [],
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
      // Behind a proxy all connections have the same peer.
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
    activityDays: given.ACTIVITY_DAYS ?? 180,
    registration: given.REGISTRATION ?? 'open',
    authSecret: given.AUTH_SECRET,
    sharedSecret,
    subjectClaim: given.AUTH_SUBJECT_CLAIM,
    jwksIssuer,
    openid,
    externalApiKeys: given.EXTERNAL_API_KEYS ?? false,
    metricsToken: given.METRICS_TOKEN,
    legacy: {
      list: given.LEGACY_LIST ?? 'array',
      deleted: given.LEGACY_DELETE === '200' ? 200 : 204,
    },
  }
}

/** The base of absolute URLs, without a trailing slash. It never depends on a Host header. */
export const baseUrlOf = ({ publicUrl, port }: Pick<Config, 'publicUrl' | 'port'>): string =>
  publicUrl ?? `http://localhost:${port || 7860}`
