// Errors that are sent between processes. They lose their class and their cause, and keep message
// and code.
import { DomainError, type ErrorCode } from '../../core/errors.ts'

/** `domain`: it was a DomainError, which clients are told. */
export type SerializedError = {
  readonly message: string
  readonly code?: string
  readonly domain?: true
}

export const serializeError = (error: unknown): SerializedError => {
  const { message, code, cause } = error as Error & { code?: unknown }
  return {
    message: cause instanceof Error ? `${message}: ${cause.message}` : message,
    ...(typeof code === 'string' && { code }),
    ...(error instanceof DomainError && { domain: true }),
  }
}

export const deserializeError = ({ message, code, domain }: SerializedError): Error =>
  domain ? new DomainError(code as ErrorCode, message) : Object.assign(new Error(message), { code })
