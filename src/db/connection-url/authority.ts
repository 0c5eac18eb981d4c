// The common parts of the URLs of servers: user, password, host, port, path, and parameters from a
// closed list.
import { decoded, type Refusal, refuse } from './file.ts'

/**
 * A parsed URL of a server. `url` has a scheme and no parameters. `parameters` has them by name. `socket`: the
 * path of a Unix socket, or of its folder. Then `url` has `localhost` as its host.
 */
export type Authority = {
  readonly url: URL
  readonly parameters: ReadonlyMap<string, string>
  readonly socket?: string
}

/** What a kind of server takes. */
export type Syntax = {
  /** Parameters that mean something here. */
  readonly known: readonly string[]
  /** Parameters of other clients whose absence changes nothing here. */
  readonly ignored?: readonly string[]
  /** Those that may name a Unix socket, which then takes the place of the host. */
  readonly sockets?: readonly string[]
}

const ENCODE =
  'percent-encode special characters in the user name and the password (@ as %40, # as %23, / as %2F, ? as %3F, % as %25)'

/** User and port, without a host between them. */
const WITHOUT_HOST = /^([^@/?]*@)?(?=(:\d+)?([/?]|$))/

/**
 * Parses `scheme://rest`. Parameter names are compared in lower case, with `-` as `_`. A parameter
 * that is in neither list refuses the URL: it may be one that keeps a connection safe.
 */
export const parseAuthority = (
  scheme: string,
  rest: string,
  syntax: Syntax,
): Authority | Refusal => {
  const hash = rest.indexOf('#')
  if (hash >= 0) return refuse(`has a # in it: ${ENCODE}`)
  if (/^[^/?]*,/.test(rest.slice(rest.lastIndexOf('@') + 1)))
    return refuse('names more than one host: write one')
  // An @ after a / or ? belongs to a password that was not encoded, so what follows is no
  // parameter.
  if (/[/?].*@/.test(rest)) return refuse(`has an @ behind a / or ?: ${ENCODE}`)
  const hostless = syntax.sockets !== undefined && WITHOUT_HOST.test(rest)
  const text = `${scheme}://${hostless ? rest.replace(WITHOUT_HOST, '$1localhost') : rest}`
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text))
    return refuse(`is not a well-formed URL: ${ENCODE}, and check host and port`)
  const url = new URL(text)
  const named = url.hostname.includes('%') ? decoded(url.hostname) : undefined
  if (url.hostname.includes('%') && !(syntax.sockets && isSocket(named)))
    return refuse('names a host with a % in it: write the name or address of a server')
  if ([url.username, url.password, url.pathname].some((part) => decoded(part) === undefined))
    return refuse(`is not percent-encoded correctly: ${ENCODE}`)
  const parameters = parametersOf(url, syntax)
  if ('refused' in parameters) return parameters
  url.search = ''
  const found = (syntax.sockets ?? []).map((name) => parameters.get(name)).find(isSocket)
  const socket = found ?? named
  if (url.hostname === '' || (hostless && socket === undefined && !parameters.get('host')))
    return refuse(`names no host: write ${scheme}://user:password@host/database`)
  if (socket === undefined) return { url, parameters }
  if (new TextEncoder().encode(socket).length > LONGEST_SOCKET)
    return refuse('names a Unix socket by a path that is too long for one: make it shorter')
  url.hostname = 'localhost'
  return { url, parameters, socket }
}

/** Bytes of the path of a Unix socket on Linux, less what Postgres appends to its folder. */
const LONGEST_SOCKET = 107 - '/.s.PGSQL.65535'.length

/** An absolute path. */
const isSocket = (text: string | undefined): text is string =>
  text !== undefined && /^\/[^\p{Cc}]+$/u.test(text)

const parametersOf = (
  url: URL,
  { known, ignored = [] }: Syntax,
): ReadonlyMap<string, string> | Refusal => {
  const found = new Map<string, string>()
  for (const [given, value] of url.searchParams) {
    const name = given.toLowerCase().replaceAll('-', '_')
    // An odd name may be the end of a password that was not encoded, so it is not repeated.
    const shown = /^[a-z_]{1,40}$/.test(name) ? ` ${given}` : ''
    if (ignored.includes(name)) continue
    if (!known.includes(name))
      return refuse(
        `has a parameter${shown} that is not known here: remove it (known are ${known.join(', ')})`,
      )
    if (found.has(name)) return refuse(`has the parameter ${given} twice: remove one`)
    if (/\p{Cc}/u.test(value))
      return refuse(`has a control character in its parameter ${name}: remove it`)
    found.set(name, value)
  }
  return found
}

/**
 * Requires a user and a database: drivers would guess them from the machine. On a Unix socket the user may be
 * the one that the process runs as.
 */
export const refuseIncomplete = (
  scheme: string,
  { url, socket }: Pick<Authority, 'url' | 'socket'>,
): Refusal | undefined => {
  if (url.username === '' && socket === undefined)
    return refuse(`names no user: write ${scheme}://user:password@host/database`)
  if (!/^\/[^/]+$/.test(url.pathname))
    return refuse(
      `names no database behind the host: write ${scheme}://user:password@host/database`,
    )
  return undefined
}
