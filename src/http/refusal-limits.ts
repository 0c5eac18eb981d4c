// Requests that are refused before anyone is known count for the address that they came from.
import type { Limits } from './limits.ts'
import type { Networks } from './network.ts'
import { codeOf } from './problem.ts'

type Counted = { readonly limits: Limits }

const count = ({ limits }: Counted, networks: () => Networks): void =>
  limits.caller.count(`address ${networks()[0]}`)

/**
 * A credential that proves nothing counts for the address: there is no user to count it for. Throws
 * the refusal, or `rate_limited`.
 */
export const limitGuesses = (counted: Counted, networks: () => Networks) => (refused: unknown) => {
  count(counted, networks)
  throw refused
}

/**
 * The same where no credential is asked for, unless another limit has counted it: answers the
 * refusal, or `rate_limited`. What is not refused does not count for the address, nor is it stopped
 * by what others at the same address were refused.
 */
export const limitRefused = (
  counted: Counted,
  networks: () => Networks,
  refused: unknown,
): unknown => {
  if (codeOf(refused) === 'rate_limited') return refused
  try {
    count(counted, networks)
    return refused
  } catch (limited) {
    return limited
  }
}
