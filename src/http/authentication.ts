// Who is calling, by the credential that a request carries.
import type { Context } from 'hono'
import type { Actor } from '../core/context.ts'
import { DomainError } from '../core/errors.ts'
import { type Exchange, networksOf } from './exchange.ts'
import { limitGuesses } from './refusal-limits.ts'

/**
 * X-API-Key takes every credential and wins: a private Space keeps Authorization for its own gate.
 * Throws `unauthenticated`.
 */
const actorOf = ({ deps, c }: Exchange): Actor | Promise<Actor> => {
  const key = c.req.header('x-api-key')
  if (key !== undefined) return deps.credentials.authenticate(key)
  const authorization = c.req.header('authorization')
  if (authorization === undefined)
    throw new DomainError(
      'unauthenticated',
      'Send an access token or API key: Authorization: Bearer …, or X-API-Key.',
    )
  if (/^bearer *$/i.test(authorization))
    throw new DomainError(
      'unauthenticated',
      'There is no token behind Bearer in the Authorization header.',
    )
  if (!/^bearer /i.test(authorization))
    throw new DomainError(
      'unauthenticated',
      'The Authorization header has to be: Bearer, a space, the token.',
    )
  return deps.credentials.authenticate(authorization.slice(7).trim())
}

/**
 * The caller: at once where the credential is remembered, else a promise. Throws `unauthenticated`;
 * a credential that had to be looked up counts for the address where it proved nothing.
 */
export const authenticate = (exchange: Exchange): Actor | Promise<Actor> => {
  const known = actorOf(exchange)
  return known instanceof Promise
    ? known.catch(limitGuesses(exchange.deps, () => networksOf(exchange)))
    : known
}

/**
 * Once more, when the body is there: it may be sent for a minute, and what was good at its
 * beginning be revoked since. Throws `unauthenticated`.
 */
export const authenticateAgain = (exchange: Exchange): undefined | Promise<Actor> => {
  const still = actorOf(exchange)
  return still instanceof Promise ? still : undefined
}

/** Does the credential of a request that goes on prove as much as at its beginning? */
export const isStillGood = async (exchange: Exchange): Promise<boolean> => {
  try {
    const { userId } = await actorOf(exchange)
    return userId === exchange.actor.userId
  } catch (error) {
    // A database that is away for a moment ends nothing.
    return !(error instanceof DomainError && error.code === 'unauthenticated')
  }
}

export const hasCredential = (c: Context): boolean =>
  c.req.header('x-api-key') !== undefined || /^bearer /i.test(c.req.header('authorization') ?? '')
