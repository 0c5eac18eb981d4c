// libsql://, https:// and wss:// (and http:// and ws:// without encryption): a libSQL server or
// Turso.
import { parseAuthority, type Syntax } from './authority.ts'
import { type Refusal, refuse } from './file.ts'
import { type Limits, limitsOf } from './limits.ts'
import { choice } from './tls.ts'

/**
 * `url` is http or https without parameters, whatever the scheme was: servers speak both protocols
 * at the same address, and HTTP requests do not hang on a connection that was lost.
 */
export type LibsqlLocation = Limits & {
  readonly kind: 'libsql'
  readonly url: string
  readonly authToken?: string
}

const syntax: Syntax = {
  known: ['authtoken', 'tls', 'connection_limit'],
  // Requests have their own time limits, and reads follow writes anyway.
  ignored: [
    'connect_timeout',
    'pool_timeout',
    'socket_timeout',
    'application_name',
    'readyourwrites',
  ],
}
const tlsWords = { 0: 'http', 1: 'https' } as const

export const libsqlUrl = (scheme: 'http' | 'https', rest: string): LibsqlLocation | Refusal => {
  const authority = parseAuthority(scheme, rest, syntax)
  if ('refused' in authority) return authority
  const { url, parameters } = authority
  if (url.username !== '' || url.password !== '')
    return refuse(
      'has a user name or a password, which libSQL servers do not take: remove it, and set DATABASE_AUTH_TOKEN',
    )
  const tls = choice('tls', parameters.get('tls') ?? (scheme === 'https' ? '1' : '0'), tlsWords)
  if (typeof tls === 'object') return tls
  if (scheme === 'http' && tls === 'https')
    return refuse('asks for tls=1 behind a scheme without encryption: write https://')
  const plain = url.href.replace(/^https?/, tls)
  const authToken = parameters.get('authtoken')
  const limits = limitsOf(parameters, { pool: ['connection_limit'], connect: {} })
  if ('refused' in limits) return limits
  return { kind: 'libsql', url: plain, ...(authToken && { authToken }), ...limits }
}
