// The kinds of values of variables. Every message is the reason after the variable's name. It does
// not repeat the value, which may be a secret in the wrong variable.
import { z } from 'zod'

const say = (reason: string) => ({ error: reason })

export const whole = (min: number, max: number) => {
  const reason = `is not a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, reason)
    .transform(Number)
    .refine((n) => n >= min && n <= max, reason)
}

/** A whole number, or `auto`. */
export const wholeOrAuto = (min: number, max: number) => {
  const number = whole(min, max)
  return z
    .string()
    .toLowerCase()
    .refine(
      (text) => text === 'auto' || number.safeParse(text).success,
      `is neither auto nor a whole number from ${min} to ${max}`,
    )
    .transform((text) => (text === 'auto' ? text : Number(text)))
}

export const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(names, say(`is not one of ${names.join(', ')}`)))

export const onOff = oneOf('on', 'off').transform((word) => word === 'on')

export const anyText = z.string()

/** Text that is never shown. `unit` is the unit of its length. */
export const secret = (least: number, unit: 'characters' | 'bytes') =>
  z
    .string()
    .refine(
      (text) =>
        (unit === 'bytes' ? new TextEncoder().encode(text).byteLength : [...text].length) >= least,
      `is shorter than ${least} ${unit}`,
    )

/** Hosts, each `host` or `host:port`, separated by commas. An IPv6 address stands in brackets. */
export const hosts = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
  )
  .refine(
    (list) => list.length > 0 && list.every((host) => isHost(host)),
    'is not a list of hosts such as n8n,hooks.internal:5678, without scheme and path',
  )

/** As a URL writes it: `127.1` is another way to write `127.0.0.1`. */
const isHost = (text: string): boolean =>
  /^[^/?#@\\]+$/.test(text) &&
  URL.canParse(`http://${text}`) &&
  [new URL(`http://${text}`).host, `${new URL(`http://${text}`).hostname}:80`].includes(text)

/** A host name, without scheme and path. */
export const hostName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/, 'is not a host name')

/** A web address, without its trailing slash. */
export const webUrl = z
  .string()
  .refine(
    (text) => isWebUrl(text),
    'is not a URL such as https://tasks.example.org, without credentials, parameters and fragment',
  )
  .transform((text) => text.replace(/\/+$/, ''))

const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
/** Whether traffic to this address cannot be read on the way: https, or this machine. */
export const isPrivateUrl = (url: string): boolean => url.startsWith('https://') || isLoopback(url)

/**
 * Whether two texts are the same address. Issuers are compared this way when a provider returns its
 * own.
 */
export const isSameUrl = (one: string, other: string): boolean =>
  URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href

/** The issuer of an OpenID provider, as it is written: some end in a slash. */
export const providerUrl = z
  .string()
  .refine(
    (text) => isWebUrl(text),
    'is not a URL such as https://huggingface.co, without credentials, parameters and fragment',
  )
  .refine(
    (text) => isWebUrl(text) && isPrivateUrl(text),
    'is not https, which only a provider on this machine may do without',
  )

/** Scopes (RFC 6749, 3.3). Without `openid` no provider names the user. */
export const openIdScopes = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+( +[\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'is not a list of scopes separated by blanks',
  )
  .refine((text) => text.split(/ +/).includes('openid'), 'lacks the scope openid')

/** A web address with parameters, which the key sets of some issuers have. */
export const keySetUrl = z
  .string()
  .refine(
    (text) => isWebUrl(text.replace(/\?[^#]*/, '')),
    'is not a URL such as https://login.example.org/jwks, without credentials and fragment',
  )

const isWebUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return (
    /^https?:$/.test(protocol) && username === '' && password === '' && search === '' && hash === ''
  )
}

/** `*`, or origins and patterns of them, separated by commas. */
export const origins = z
  .string()
  .transform((text) =>
    text === '*'
      ? ('*' as const)
      : text
          .split(',')
          .map((origin) => origin.trim().replace(/\/$/, ''))
          .filter((origin) => origin !== ''),
  )
  .refine(
    (list) =>
      list === '*' ||
      (list.length > 0 && list.every((origin) => isOrigin(origin) || isOriginPattern(origin))),
    'is neither * nor a list of origins such as https://app.example.org,http://localhost:3000 or patterns such as https://*.example.org,http://localhost:*',
  )

const isOrigin = (text: string): boolean =>
  !text.includes('*') && isWebUrl(text) && new URL(text).origin === text

/**
 * One `*` in the host, for all labels before the fixed ones or within one label, and one for the port. At least
 * one label is fixed behind it, and two behind a part of one: `https://*vercel.app` would be the
 * origin of everyone who registers a name that ends like that.
 */
const isOriginPattern = (text: string): boolean => {
  const [, scheme = '', host = '', port = ''] =
    /^(https?:\/\/)(\[[^\]]+\]|[^:[]+)(:.+)?$/.exec(text) ?? []
  const fits =
    !host.includes('*') || /^(\*|([\w-]+\.)*[\w-]*\*[\w-]*\.[\w-]+)(\.[\w-]+)+$/.test(host)
  return fits && isOrigin(scheme + host.replace('*', 'x') + (port === ':*' ? '' : port))
}
