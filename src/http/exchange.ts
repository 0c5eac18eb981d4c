import type { Context } from 'hono'
import type { Actor } from '../core/context.ts'
import { callerNetworks } from './address.ts'
import type { Reservation } from './body-budget.ts'
import type { Deps } from './deps.ts'
import type { Networks } from './network.ts'
import { requestIdOf } from './request.ts'
import type { Attempt } from './sign-in-limits.ts'

/** One request, and what its steps have found out so far. */
export type Exchange = {
  readonly deps: Deps
  readonly c: Context
  readonly requestId: string
  /** By the clock of `performance.now()`. */
  readonly began: number
  actor: Actor
  /** Where the caller stands with the limit of requests, once something was charged. */
  limitHeaders: Readonly<Record<string, string>> | undefined
  attempt: Attempt | undefined
  /** Why the request was refused, or has failed, and the code that was answered. */
  error: unknown
  code: string | undefined
  /** Memory for the body. */
  reservation: Reservation | undefined
}

/** Before it is known who is calling. */
const anonymous = { kind: 'anonymous', userId: '', subject: '' } as const

export const newExchange = (deps: Deps, c: Context): Exchange => ({
  deps,
  c,
  began: performance.now(),
  requestId: requestIdOf(c.req.header('x-request-id')),
  actor: anonymous,
  limitHeaders: undefined,
  attempt: undefined,
  error: undefined,
  code: undefined,
  reservation: undefined,
})

/** The user whose credential the request carries; undefined where it proves nothing. */
export const userOf = ({ actor }: Exchange): string | undefined =>
  actor === anonymous ? undefined : actor.userId

/** Where the request came from. */
export const networksOf = ({ c, deps: { peerOf, config } }: Exchange): Networks =>
  callerNetworks(c, peerOf, config.trustedHops)

/** Counts work against the caller's limit. */
export const charge = (exchange: Exchange, points: number): void => {
  exchange.limitHeaders = exchange.deps.limits.caller.charge(exchange.actor.userId, points)
}
