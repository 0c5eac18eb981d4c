import type { Context } from 'hono'

/** The address at the other end of the connection, as the platform knows it. */
export type PeerOf = (c: Context) => string | undefined

/**
 * The caller's address. Each trusted hop is a proxy of ours that appended, to X-Forwarded-For, the address it saw: with
 * one hop the last entry counts, with two the last but one. Anything before is the caller's word and is not looked at.
 */
export const addressOf = (c: Context, peerOf: PeerOf, trustedHops: number): string => {
  const peer = peerOf(c) ?? 'unknown'
  if (trustedHops === 0) return peer
  const forwarded = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean)
  return forwarded[Math.max(0, forwarded.length - trustedHops)] ?? peer
}
