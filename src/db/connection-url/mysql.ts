// mysql://user:password@host:port/database?ssl-mode=…, as MySQL's own clients, PyMySQL and mysql2
// write it. On a Unix socket: mysql://user@localhost/database?socketPath=/path/of/socket.
import { type Authority, parseAuthority, refuseIncomplete, type Syntax } from './authority.ts'
import { type Refusal, refuse } from './file.ts'
import { type Limits, limitsOf } from './limits.ts'
import { choice, type Tls, type TlsMode } from './tls.ts'

/**
 * `url` has no parameters. `product` is the server's name in the scheme. `socket`: the path of a Unix socket, in
 * place of the host.
 */
export type MySqlLocation = Limits & {
  readonly kind: 'mysql'
  readonly product: 'mysql' | 'mariadb'
  readonly url: string
  readonly tls: Tls
  readonly socket?: string
}

/** MySQL's modes, and libpq's, which some tools use here too. */
const modes = {
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
  disable: 'disable',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
} as const
/**
 * mysql2's `ssl`. Its JSON says whether the certificate is checked. Here a check is always a full
 * one.
 */
const ssls = {
  true: 'verify-full',
  false: 'disable',
  '{}': 'verify-full',
  '{"rejectunauthorized":true}': 'verify-full',
  '{"rejectunauthorized":false}': 'require',
} as const
const yesNo = { true: true, 1: true, false: false, 0: false } as const

/** Prisma's: whether the certificate is checked. */
const accepted = { strict: 'verify-full', accept_invalid_certs: 'prefer' } as const
const yes = { true: true, 1: true } as const
const no = { false: true, 0: true } as const
const zones = {
  z: true,
  utc: true,
  'etc/utc': true,
  gmt: true,
  '+00:00': true,
  // The default of some drivers, which concerns values that are not used here.
  local: true,
} as const

/** Names of parameters are in lower case, with `_` for `-`. */
const syntax: Syntax = {
  sockets: ['socketpath', 'unix_socket', 'socket'],
  known: [
    'ssl_mode',
    'sslmode',
    'ssl',
    'ssl_ca',
    'ssl_verify_cert',
    'ssl_verify_identity',
    'sslaccept',
    'charset',
    'characterencoding',
    'collation',
    'timezone',
    'time_zone',
    'servertimezone',
    'autocommit',
    'allowmultiqueries',
    'socketpath',
    'unix_socket',
    'socket',
    'connecttimeout',
    'connect_timeout',
    'connectionlimit',
    'connection_limit',
    'pool_size',
  ],
  ignored: [
    // Time limits: requests have their own, which are shorter.
    'pool_timeout',
    'sockettimeout',
    'socket_timeout',
    'read_timeout',
    'write_timeout',
    'acquiretimeout',
    'idletimeout',
    // Pools and sockets of other clients.
    'waitforconnections',
    'queuelimit',
    'maxidle',
    'enablekeepalive',
    'keepaliveinitialdelay',
    'tcpkeepalive',
    'conn_max_age',
    // Names, and how other clients read values.
    'application_name',
    'program_name',
    'datestrings',
    'supportbignumbers',
    'bignumberstrings',
    'useunicode',
    'parsetime',
    'zerodatetimebehavior',
    'allowpublickeyretrieval',
    'get_server_public_key',
    'default_auth',
  ],
}

export const mySqlUrl = (
  product: MySqlLocation['product'],
  rest: string,
): MySqlLocation | Refusal => {
  const authority = parseAuthority('mysql', rest, syntax)
  if ('refused' in authority) return authority
  const { url, parameters, socket } = authority
  const incomplete = refuseIncomplete(product, authority)
  if (incomplete) return incomplete
  const contradiction = contradictionIn(parameters)
  if (contradiction) return contradiction
  const limits = limitsOf(parameters, {
    pool: ['connection_limit', 'connectionlimit', 'pool_size'],
    connect: { connecttimeout: 1, connect_timeout: 1000 },
  })
  if ('refused' in limits) return limits
  const tls = tlsOf(parameters)
  if ('refused' in tls) return tls
  const kind = { kind: 'mysql', product, url: url.href } as const
  // What goes through a socket stays on this machine.
  if (socket !== undefined) return { ...kind, tls: { mode: 'disable' }, socket, ...limits }
  // The driver would compare the certificate of an IP address with the name localhost.
  if (tls.mode === 'verify-full' && /^[\d.]+$|^\[/.test(url.hostname))
    return refuse(
      'asks for a certificate of this very host, and names an address: write the name of the host, or VERIFY_CA',
    )
  return { ...kind, tls, ...limits }
}

/** What a URL asks for, and the service cannot do. */
const contradictionIn = (parameters: Authority['parameters']): Refusal | undefined => {
  for (const name of ['charset', 'collation'])
    if (!/^utf8mb4/i.test(parameters.get(name) || 'utf8mb4'))
      return refuse(
        `has a parameter ${name} that cannot hold all text: write utf8mb4, or remove it`,
      )
  if (!/^utf-?8(mb4)?$/i.test(parameters.get('characterencoding') || 'utf8'))
    return refuse('has a parameter characterEncoding that cannot hold all text: remove it')
  const words = [
    ['timezone', zones],
    ['time_zone', zones],
    ['servertimezone', zones],
    ['autocommit', yes],
    ['allowmultiqueries', no],
  ] as const
  for (const [name, known] of words) {
    const given = parameters.get(name)
    const agreed = given === undefined || choice<true>(name, given.replace(/^ /, '+'), known)
    if (agreed !== true) return agreed
  }
  return undefined
}

const tlsOf = (parameters: ReadonlyMap<string, string>): Tls | Refusal => {
  const caFile = parameters.get('ssl_ca')
  const cert = choice('ssl_verify_cert', parameters.get('ssl_verify_cert') ?? 'false', yesNo)
  if (typeof cert === 'object') return cert
  const identity = choice(
    'ssl_verify_identity',
    parameters.get('ssl_verify_identity') ?? 'false',
    yesNo,
  )
  if (typeof identity === 'object') return identity
  const asked = askedMode(parameters)
  if (typeof asked === 'object') return asked
  const strict = choice('sslaccept', parameters.get('sslaccept') ?? 'strict', accepted)
  if (typeof strict === 'object') return strict
  if (asked !== 'disable' && parameters.has('sslaccept') && strict === 'verify-full')
    return { mode: strict, ...(caFile !== undefined && { caFile }) }
  const mode = asked ?? impliedMode({ cert: cert || caFile !== undefined, identity })
  return { mode, ...(caFile !== undefined && { caFile }) }
}

const askedMode = (parameters: ReadonlyMap<string, string>): TlsMode | Refusal | undefined => {
  for (const name of ['ssl_mode', 'sslmode'] as const) {
    const value = parameters.get(name)
    if (value !== undefined) return choice(name, value, modes)
  }
  const ssl = parameters.get('ssl')
  return ssl === undefined ? undefined : choice('ssl', ssl.replace(/\s/g, ''), ssls)
}

/**
 * The mode if none is given: a certificate of an authority means that the server's is checked, as
 * in MySQL's clients and PyMySQL.
 */
const impliedMode = ({ cert, identity }: { cert: boolean; identity: boolean }): TlsMode => {
  if (identity) return 'verify-full'
  return cert ? 'verify-ca' : 'prefer'
}
