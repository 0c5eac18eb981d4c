// postgres://user:password@host:port/database?sslmode=…, as libpq, asyncpg and the hosted services
// write it.
import { parseAuthority, refuseIncomplete } from './authority.ts'
import type { Refusal } from './file.ts'
import { choice, type Tls, type TlsMode } from './tls.ts'

/**
 * `url` has no parameters. `pooled`: behind a pooler that shares a session between transactions, as
 * PgBouncer does.
 */
export type PostgresLocation = {
  readonly kind: 'postgres'
  readonly url: string
  readonly tls: Tls
  readonly pooled: boolean
}

/**
 * `allow` would try without encryption first. `prefer` tries with encryption first, and is never
 * weaker.
 */
const sslmodes = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
} as const
/** asyncpg has libpq's modes. node-postgres has these besides. */
const ssls = {
  ...sslmodes,
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
  'no-verify': 'require',
} as const
const bindings = { disable: false, prefer: false, require: true } as const
const yesNo = { true: true, 1: true, false: false, 0: false } as const

const parameterNames = ['sslmode', 'ssl', 'sslrootcert', 'channel_binding', 'pgbouncer'] as const

export const postgresUrl = (rest: string): PostgresLocation | Refusal => {
  const authority = parseAuthority('postgres', rest, parameterNames)
  if ('refused' in authority) return authority
  const { url, parameters } = authority
  const incomplete = refuseIncomplete('postgres', url)
  if (incomplete) return incomplete
  const tls = tlsOf(parameters)
  if ('refused' in tls) return tls
  const pooled = choice('pgbouncer', parameters.get('pgbouncer') ?? 'false', yesNo)
  if (typeof pooled === 'object') return pooled
  return { kind: 'postgres', url: url.href, tls, pooled }
}

const tlsOf = (parameters: ReadonlyMap<string, string>): Tls | Refusal => {
  const [sslmode, ssl, rootcert] = [
    parameters.get('sslmode'),
    parameters.get('ssl'),
    parameters.get('sslrootcert'),
  ]
  const asked =
    sslmode !== undefined
      ? choice('sslmode', sslmode, sslmodes)
      : choice('ssl', ssl ?? 'prefer', ssls)
  if (typeof asked === 'object') return asked
  const bound = choice('channel_binding', parameters.get('channel_binding') ?? 'prefer', bindings)
  if (typeof bound === 'object') return bound
  // `system` is libpq's name for the authorities of the machine, which are the default here.
  const caFile = rootcert === 'system' ? undefined : rootcert
  return { mode: modeOf(asked, { bound, rootcert }), ...(caFile !== undefined && { caFile }) }
}

/**
 * As in libpq, `require` with a root certificate checks the server's certificate, and `system`
 * checks the host too. The driver does not support channel binding, which protects against a server
 * in between. Where it is required, the full check of the certificate protects instead.
 */
const modeOf = (
  asked: TlsMode,
  { bound, rootcert }: { bound: boolean; rootcert: string | undefined },
): TlsMode => {
  if (asked === 'disable') return 'disable'
  if (bound || rootcert === 'system') return 'verify-full'
  return rootcert !== undefined && asked === 'require' ? 'verify-ca' : asked
}
