import { errors } from 'jose'
import { DomainError } from '../../../core/errors.ts'

export const unauthenticated = (detail: string): DomainError =>
  new DomainError('unauthenticated', detail)

/**
 * Checks a token with jose: any fault of the token is `unauthenticated`, in the caller's terms, and
 * a DomainError of our own passes.
 */
export const checked = async <T>(verify: () => Promise<T>): Promise<T> => {
  try {
    return await verify()
  } catch (error) {
    throw error instanceof DomainError ? error : unauthenticated(explain(error))
  }
}

const explain = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'The token has expired. Get a new one.'
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    return 'The token is not good yet: its nbf lies in the future.'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The token's claim "${error.claim}" is missing or not for this service.`
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "The token's signature is wrong."
  if (error instanceof errors.JOSEAlgNotAllowed) return "The token's algorithm is not accepted."
  return 'The token is malformed.'
}
