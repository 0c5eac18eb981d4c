// How far a reader has read the change log, as text that means nothing to clients.
import { DomainError, invalid } from '../../core/errors.ts'
import { isId, LAST_ID } from '../../core/ids.ts'
import type { Standing } from './standing.ts'

/** All that the log told up to an entry, or up to the end of a number, has been read. */
export type Place = {
  readonly seq: number
  readonly id: string
  /**
   * The number at which a reader began who had nothing: what was gone by then is not told. Undefined
   * once the reader has got there.
   */
  readonly from?: number | undefined
}

/** The end of a log that is at `seq`. */
export const endOf = ({ seq }: Pick<Standing, 'seq'>): Place => ({ seq, id: LAST_ID })

type Parts = readonly [user: string, generation: string, seq: number, id: string, from?: number]

/** The same text for the same place, so that a reader knows a place where it is already. */
export const tokenOf = ({ userId, generation }: Standing, { seq, id, from }: Place): string => {
  const parts: Parts =
    from !== undefined && from > seq
      ? [userId, generation, seq, id, from]
      : [userId, generation, seq, id]
  return btoa(JSON.stringify(parts)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

const isCount = (given: unknown): boolean => Number.isSafeInteger(given) && (given as number) >= 0

const partsIn = (token: string): Parts | undefined => {
  try {
    const parts: unknown = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/')))
    if (!Array.isArray(parts) || parts.length < 4 || parts.length > 5) return undefined
    const [user, generation, seq, id, from = 0] = parts
    const isToken =
      typeof user === 'string' &&
      typeof generation === 'string' &&
      typeof id === 'string' &&
      isId(id) &&
      isCount(seq) &&
      isCount(from)
    return isToken ? (parts as unknown as Parts) : undefined
  } catch {
    return undefined
  }
}

/**
 * The place in a token. Throws `invalid` for what is no token, and `sync_token_expired` where what
 * has changed since cannot be told: the token is of another account or database, a backup was
 * restored since, or tombstones behind it are forgotten.
 */
export const placeIn = (
  { userId, generation, seq: present, logFloor }: Standing,
  token: string,
): Place => {
  const parts = partsIn(token)
  if (!parts)
    throw invalid({
      at: ['since'],
      code: 'malformed',
      detail: 'This is not a sync token of this service.',
    })
  const [user, of, seq, id, from] = parts
  if (user !== userId || of !== generation) throw expired('It belongs to another copy of the data.')
  if (seq > present || (from ?? 0) > present)
    throw expired('It is ahead of what the service has: a backup was restored.')
  // A reader in the middle of a number may have missed a tombstone of that number, too.
  const reached = from ?? (id === LAST_ID ? seq : seq - 1)
  if (reached < logFloor) throw expired('What was deleted since is not known any more.')
  return { seq, id, from }
}

const expired = (why: string): DomainError =>
  new DomainError(
    'sync_token_expired',
    `This sync token is not good any more. ${why} Start over: ask without since, and keep of your copy only what that tells.`,
  )

/** The token of all that there is now. */
export const presentToken = (standing: Standing): string => tokenOf(standing, endOf(standing))
