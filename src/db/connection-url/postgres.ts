// postgres://user:password@host:port/database?sslmode=…, as libpq, asyncpg and the hosted services
// write it. On a Unix socket: postgres:///database?host=/folder, or postgres://%2Ffolder/database.
import { type Authority, parseAuthority, refuseIncomplete } from './authority.ts'
import { type Refusal, refuse } from './file.ts'
import { type Limits, limitsOf } from './limits.ts'
import { settingsOf } from './postgres-settings.ts'
import { postgresSyntax } from './postgres-syntax.ts'
import { choice, type Tls, type TlsMode } from './tls.ts'

/**
 * `url` has no parameters. `pooled`: behind a pooler that shares a session between transactions, as
 * PgBouncer does. `socket`: the path of a Unix socket, in place of the host.
 */
export type PostgresLocation = Limits & {
  readonly kind: 'postgres'
  readonly url: string
  readonly tls: Tls
  readonly pooled: boolean
  readonly socket?: string
  /** Settings that its sessions begin with. */
  readonly settings?: Readonly<Record<string, string>>
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
/** Prisma's: whether the certificate is checked. */
const accepted = { strict: true, accept_invalid_certs: false } as const

export const postgresUrl = (rest: string): PostgresLocation | Refusal => {
  const parsed = parseAuthority('postgres', rest, postgresSyntax)
  if ('refused' in parsed) return parsed
  const authority = withParameters(parsed)
  if ('refused' in authority) return authority
  const { url, parameters } = authority
  const incomplete = refuseIncomplete('postgres', authority)
  if (incomplete) return incomplete
  const tls = tlsOf(parameters)
  if ('refused' in tls) return tls
  const pooled = isPooled(parameters)
  if (typeof pooled === 'object') return pooled
  const settings = settingsOf(parameters)
  if ('refused' in settings) return settings
  const limits = limitsOf(parameters, {
    pool: ['connection_limit', 'pool_size', 'pool_max_conns', 'max'],
    connect: { connect_timeout: 1000, connecttimeout: 1000 },
  })
  if ('refused' in limits) return limits
  return {
    kind: 'postgres',
    url: url.href,
    // As in libpq: what goes through a socket stays on this machine.
    tls: authority.socket === undefined ? tls : { mode: 'disable' },
    pooled,
    ...(authority.socket !== undefined && { socket: socketIn(authority.socket, url.port) }),
    ...(Object.keys(settings.settings).length > 0 && settings),
    ...limits,
  }
}

/** As in libpq, parameters may name what stands before them, and then count instead. */
const withParameters = (authority: Authority): Authority | Refusal => {
  const { url, parameters, socket } = authority
  const [host, port] = [parameters.get('host'), parameters.get('port')]
  if (host?.includes(',')) return refuse('names more than one host: write one')
  if (host && socket === undefined) {
    if (!/^[\w.-]+$|^[\da-f:]+$/i.test(host))
      return refuse('has a parameter host that is no name, address or folder: correct it')
    url.hostname = host.includes(':') ? `[${host}]` : host
  }
  if (port !== undefined && port !== '') {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      return refuse('has a parameter port that is no port: correct it')
    url.port = port
  }
  const [user, password] = [parameters.get('user'), parameters.get('password')]
  if (user) url.username = encodeURIComponent(user)
  if (password) url.password = encodeURIComponent(password)
  const database = parameters.get('dbname')
  if (database) url.pathname = `/${encodeURIComponent(database)}`
  return authority
}

const DEFAULT_PORT = '5432'
/** Clients name the folder of the socket. Its name has the port. */
const socketIn = (path: string, port: string): string =>
  /\/\.s\.PGSQL\.\d+$/.test(path)
    ? path
    : `${path.replace(/\/+$/, '')}/.s.PGSQL.${port || DEFAULT_PORT}`

/** How clients say that a pooler shares sessions: that they must prepare no statements. */
const unprepared: Readonly<Record<string, RegExp>> = {
  statement_cache_size: /^0$/,
  prepared_statement_cache_size: /^0$/,
  preparethreshold: /^0$/,
  prepared_statements: /^(false|0|off)$/i,
  prepare: /^(false|0|off)$/i,
  prefer_simple_protocol: /^(true|1|on)$/i,
  default_query_exec_mode: /^(exec|simple_protocol|describe_exec|cache_describe)$/i,
}

const isPooled = (parameters: Authority['parameters']): boolean | Refusal => {
  const pooled = choice('pgbouncer', parameters.get('pgbouncer') ?? 'false', yesNo)
  if (pooled !== false) return pooled
  return Object.entries(unprepared).some(([name, value]) => value.test(parameters.get(name) ?? ''))
}

const tlsOf = (parameters: Authority['parameters']): Tls | Refusal => {
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
  const strict = choice(
    'sslaccept',
    parameters.get('sslaccept') ?? 'accept_invalid_certs',
    accepted,
  )
  if (typeof strict === 'object') return strict
  // `system` is libpq's name for the authorities of the machine, which are the default here.
  const caFile = rootcert === 'system' ? undefined : rootcert
  const mode = modeOf(asked, { full: bound || strict || rootcert === 'system', rootcert })
  return { mode, ...(caFile !== undefined && { caFile }) }
}

/**
 * As in libpq, `require` with a root certificate checks the server's certificate, and `system`
 * checks the host too. The driver does not support channel binding, which protects against a server
 * in between. Where it is required, the full check of the certificate protects instead.
 */
const modeOf = (
  asked: TlsMode,
  { full, rootcert }: { full: boolean; rootcert: string | undefined },
): TlsMode => {
  if (asked === 'disable') return 'disable'
  if (full) return 'verify-full'
  return rootcert !== undefined && asked === 'require' ? 'verify-ca' : asked
}
