import type { Context } from 'hono'

/** The address at the other end of the connection, as the platform knows it. */
export type PeerOf = (c: Context) => string | undefined

/**
 * Whom a limit counts. Each trusted hop is a proxy of ours that appended, to X-Forwarded-For, the address it saw: with
 * one hop the last entry counts, with two the last but one. Anything before is the caller's word and is not looked at.
 */
export const addressOf = (c: Context, peerOf: PeerOf, trustedHops: number): string => {
  const peer = networkOf(peerOf(c) ?? '') ?? 'unknown'
  if (trustedHops === 0) return peer
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').filter((entry) => entry.trim() !== '')
  return networkOf(forwarded[Math.max(0, forwarded.length - trustedHops)] ?? '') ?? peer
}

/**
 * An IPv4 address, or the first 64 bits of an IPv6 address: whoever has one of those has all that begin alike. Some
 * proxies add the port, some write IPv4 addresses as IPv6. Undefined for what is no address.
 */
export const networkOf = (text: string): string | undefined => {
  const address = text
    .trim()
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(address)?.[1]
  if (v4 !== undefined) return v4
  const v6 = (/^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? address).replace(/%.*$/, '')
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/.test(v6)) return undefined
  const [head = '', tail] = v6.split('::')
  const groups = head === '' ? [] : head.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...(tail ? tail.split(':') : [])]
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
