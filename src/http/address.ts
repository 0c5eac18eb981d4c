import type { Context } from 'hono'
import { type Networks, networksOf, peerNetworks } from './network.ts'

/** The address at the other end of the connection, as the platform knows it. */
export type PeerOf = (c: Context) => string | undefined

/**
 * The networks of the caller, for every limit that counts addresses. Each trusted hop is a proxy of
 * ours that appended, to X-Forwarded-For, the address it saw: with one hop the last entry counts,
 * with two the last but one. Anything before is the caller's word and is not looked at.
 */
export const callerNetworks = (c: Context, peerOf: PeerOf, trustedHops: number): Networks => {
  const peer = peerNetworks(peerOf(c))
  if (trustedHops === 0) return peer
  const forwarded = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .filter((entry) => entry.trim() !== '')
  return networksOf(forwarded[Math.max(0, forwarded.length - trustedHops)] ?? '') ?? peer
}

/** The narrowest of the caller's networks: an IPv4 address, or an IPv6 /64. */
export const addressOf = (c: Context, peerOf: PeerOf, trustedHops: number): string =>
  callerNetworks(c, peerOf, trustedHops)[0]
