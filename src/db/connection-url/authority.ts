// The common parts of the URLs of servers: user, password, host, port, path, and parameters from a
// closed list.
import { decoded, type Refusal, refuse } from './file.ts'

/**
 * A parsed URL of a server. `url` has a scheme and no parameters. `parameters` has them by name.
 */
export type Authority = { readonly url: URL; readonly parameters: ReadonlyMap<string, string> }

const ENCODE =
  'percent-encode special characters in the user name and the password (@ as %40, # as %23, / as %2F, ? as %3F, % as %25)'

/**
 * Parses `scheme://rest`. Parameter names are compared in lower case, with `-` as `_`. A parameter
 * that is not in `known` refuses the URL: it may be one that keeps a connection safe.
 */
export const parseAuthority = (
  scheme: string,
  rest: string,
  known: readonly string[],
): Authority | Refusal => {
  const hash = rest.indexOf('#')
  if (hash >= 0) return refuse(`has a # in it: ${ENCODE}`)
  if (/^[^/?]*,/.test(rest.slice(rest.lastIndexOf('@') + 1)))
    return refuse('names more than one host: write one')
  // An @ after a / or ? belongs to a password that was not encoded, so what follows is no
  // parameter.
  if (/[/?].*@/.test(rest)) return refuse(`has an @ behind a / or ?: ${ENCODE}`)
  const text = `${scheme}://${rest}`
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text))
    return refuse(`is not a well-formed URL: ${ENCODE}, and check host and port`)
  const url = new URL(text)
  if (url.hostname.includes('%'))
    return refuse('names a host with a % in it: write the name or address of a server')
  if (url.hostname === '')
    return refuse(`names no host: write ${scheme}://user:password@host/database`)
  if ([url.username, url.password, url.pathname].some((part) => decoded(part) === undefined))
    return refuse(`is not percent-encoded correctly: ${ENCODE}`)
  const parameters = parametersOf(url, known)
  if ('refused' in parameters) return parameters
  url.search = ''
  return { url, parameters }
}

const parametersOf = (
  url: URL,
  known: readonly string[],
): ReadonlyMap<string, string> | Refusal => {
  const found = new Map<string, string>()
  for (const [given, value] of url.searchParams) {
    const name = given.toLowerCase().replaceAll('-', '_')
    // An odd name may be the end of a password that was not encoded, so it is not repeated.
    const shown = /^[a-z_]{1,40}$/.test(name) ? ` ${given}` : ''
    if (!known.includes(name))
      return refuse(
        `has a parameter${shown} that is not known here: remove it (known are ${known.join(', ')})`,
      )
    if (found.has(name)) return refuse(`has the parameter ${given} twice: remove one`)
    found.set(name, value)
  }
  return found
}

/** Requires a user and a database: drivers would guess them from the machine. */
export const refuseIncomplete = (scheme: string, url: URL): Refusal | undefined => {
  if (url.username === '')
    return refuse(`names no user: write ${scheme}://user:password@host/database`)
  if (!/^\/[^/]+$/.test(url.pathname))
    return refuse(
      `names no database behind the host: write ${scheme}://user:password@host/database`,
    )
  return undefined
}
