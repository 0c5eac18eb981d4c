// mysql://user:password@host:port/database?ssl-mode=…, as MySQL's own clients, PyMySQL and mysql2
// write it.
import { parseAuthority, refuseIncomplete } from './authority.ts'
import { type Refusal, refuse } from './file.ts'
import { choice, type Tls, type TlsMode } from './tls.ts'

/** `url` has no parameters. `product` is the server's name in the scheme. */
export type MySqlLocation = {
  readonly kind: 'mysql'
  readonly product: 'mysql' | 'mariadb'
  readonly url: string
  readonly tls: Tls
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

const parameterNames = [
  'ssl_mode',
  'sslmode',
  'ssl',
  'ssl_ca',
  'ssl_verify_cert',
  'ssl_verify_identity',
  'charset',
] as const

export const mySqlUrl = (
  product: MySqlLocation['product'],
  rest: string,
): MySqlLocation | Refusal => {
  const authority = parseAuthority('mysql', rest, parameterNames)
  if ('refused' in authority) return authority
  const { url, parameters } = authority
  const incomplete = refuseIncomplete(product, url)
  if (incomplete) return incomplete
  if (!/^utf8mb4/i.test(parameters.get('charset') ?? 'utf8mb4'))
    return refuse('has a parameter charset that cannot hold all text: write utf8mb4, or remove it')
  const tls = tlsOf(parameters)
  if ('refused' in tls) return tls
  // The driver would compare the certificate of an IP address with the name localhost.
  if (tls.mode === 'verify-full' && /^[\d.]+$|^\[/.test(url.hostname))
    return refuse(
      'asks for a certificate of this very host, and names an address: write the name of the host, or VERIFY_CA',
    )
  return { kind: 'mysql', product, url: url.href, tls }
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
