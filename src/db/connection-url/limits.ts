import type { Authority } from './authority.ts'
import { type Refusal, refuse } from './file.ts'

/** What a URL says of connections, besides DATABASE_POOL_SIZE. */
export type Limits = {
  /** Connections at most. */
  readonly poolSize?: number
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number
}

/** Names of parameters: how many connections, and how long one may take, in units of so many milliseconds. */
type Names = {
  readonly pool: readonly string[]
  readonly connect: Readonly<Record<string, 1 | 1000>>
}

const MAX_TIMEOUT_MS = 60_000

/** 0 is no limit, as in the clients that have these parameters: then the service's own counts. */
export const limitsOf = (
  parameters: Authority['parameters'],
  { pool, connect }: Names,
): Limits | Refusal => {
  const poolSize = numberOf(parameters, pool)
  if (typeof poolSize === 'object') return poolSize
  const name = Object.keys(connect).find((one) => parameters.has(one))
  const timeout = name === undefined ? undefined : numberOf(parameters, [name])
  if (typeof timeout === 'object') return timeout
  const ms = (timeout ?? 0) * (connect[name ?? ''] ?? 1)
  return {
    ...(poolSize && { poolSize }),
    ...(ms > 0 && { connectTimeout: Math.min(ms, MAX_TIMEOUT_MS) }),
  }
}

const numberOf = (
  parameters: Authority['parameters'],
  names: readonly string[],
): number | Refusal | undefined => {
  const name = names.find((one) => parameters.has(one))
  const text = name === undefined ? undefined : parameters.get(name)
  if (text === undefined) return undefined
  return /^\d{1,6}$/.test(text)
    ? Number(text)
    : refuse(`has a parameter ${name} that is not a whole number: correct it, or remove it`)
}
