// The networks that limits count instead of addresses.

/**
 * The networks of one address, the narrowest first. Two callers share one when its text is the
 * same.
 */
export type Networks = readonly [string, ...string[]]

/**
 * The bits of the IPv6 networks that are counted. One connection gets a /64 and can take any
 * address in it, a household or a rented server often a /56, a site a /48 (RFC 6177).
 */
const PREFIXES = [64, 56, 48] as const

/**
 * The networks of an address as text: of IPv4 the address itself, of IPv6 its /64, /56 and /48. An
 * IPv4 address written as IPv6 (RFC 4291, 2.5.5.2) is an IPv4 address. A port, brackets and a zone
 * are ignored: some proxies add them. Undefined for what is no address.
 */
export const networksOf = (text: string): Networks | undefined => {
  const trimmed = text.trim().toLowerCase()
  const v4 = octetsOf(trimmed.replace(/:\d+$/, ''))
  if (v4) return [v4.join('.')]
  const bare = (/^\[([^\]]*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed).replace(/%.*$/, '')
  const groups = groupsOf(bare)
  if (!groups) return undefined
  const mapped = mappedOf(groups)
  return mapped
    ? [mapped]
    : (PREFIXES.map((bits) => prefixOf(groups, bits)) as [string, ...string[]])
}

/** The four numbers of an IPv4 address. */
const octetsOf = (text: string): number[] | undefined => {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.every((octet) => octet <= 255) ? octets : undefined
}

/** The eight numbers of an IPv6 address (RFC 4291, 2.2). */
const groupsOf = (text: string): number[] | undefined => {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const [head, tail] = halves.map(numbersOf)
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]
}

/** The numbers between colons; the last may be an IPv4 address, which is two. */
const numbersOf = (text: string): number[] | undefined => {
  if (text === '') return []
  const parts = text.split(':')
  const v4 = octetsOf(parts.at(-1) ?? '')
  if (v4) parts.pop()
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/.test(part))) return undefined
  const numbers = parts.map((part) => Number.parseInt(part, 16))
  const [a = 0, b = 0, c = 0, d = 0] = v4 ?? []
  return v4 ? [...numbers, a * 256 + b, c * 256 + d] : numbers
}

const mappedOf = (groups: readonly number[]): string | undefined => {
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : undefined
}

/** The first `bits` of an address, as `2001:db8:1:200::/56`. */
const prefixOf = (groups: readonly number[], bits: (typeof PREFIXES)[number]): string => {
  const kept = groups.slice(0, Math.ceil(bits / 16))
  if (bits % 16 > 0) kept[kept.length - 1] = (kept.at(-1) ?? 0) & 0xff00
  return `${kept.map((group) => group.toString(16)).join(':')}::/${bits}`
}

/**
 * The networks at the other end of a connection; one of its own name where the platform does not
 * know the address.
 */
export const peerNetworks = (address: string | undefined): Networks =>
  networksOf(address ?? '') ?? ['unknown']
