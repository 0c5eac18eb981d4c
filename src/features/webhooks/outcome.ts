// What becomes of a delivery after an attempt.
import type { Sent } from './targets.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after each failed attempt it is tried again. After the last one it has failed. */
export const RETRIES_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
]
/** Retries differ by up to a tenth either way, so that those of one outage do not come at once. */
const JITTER = 0.1
/** An endpoint may ask for so long a pause. */
const LONGEST_PAUSE_MS = 24 * HOUR
/** An endpoint to which nothing could be delivered for so long is switched off. */
export const FAILING_MS = 5 * 24 * HOUR

const GONE = 410

export type Attempt =
  | { readonly sent: Sent }
  | { readonly failure: string; readonly isFinal?: boolean }

export type Verdict = {
  readonly status: 'delivered' | 'pending' | 'failed'
  readonly error: string | null
  /** Milliseconds until it is tried again. */
  readonly pause: number | null
  readonly isGone: boolean
}

type Standing = { readonly attempts: number; readonly now: number; readonly random: number }

/** `attempts` counts this one; `random` is between 0 and 1. */
export const verdictOf = (attempt: Attempt, { attempts, now, random }: Standing): Verdict => {
  const error = errorOf(attempt)
  if (error === undefined) return { status: 'delivered', error: null, pause: null, isGone: false }
  const isGone = 'sent' in attempt && attempt.sent.status === GONE
  const isFinal = isGone || ('failure' in attempt && attempt.isFinal === true)
  const usual = isFinal ? undefined : RETRIES_MS[attempts - 1]
  if (usual === undefined) return { status: 'failed', error, pause: null, isGone }
  const jittered = Math.round(usual * (1 - JITTER + 2 * JITTER * random))
  const asked = 'sent' in attempt ? pauseIn(attempt.sent.retryAfter, now) : 0
  return { status: 'pending', error, pause: Math.max(jittered, asked), isGone }
}

const errorOf = (attempt: Attempt): string | undefined => {
  if ('failure' in attempt) return attempt.failure
  const { status } = attempt.sent
  if (status >= 200 && status < 300) return undefined
  return status >= 300 && status < 400
    ? `it answered ${status}: redirects are not followed`
    : `it answered ${status}`
}

/** Milliseconds for which a Retry-After asks (RFC 9110, 10.2.3): seconds, or a date. */
const pauseIn = (retryAfter: string | null, now: number): number => {
  if (retryAfter === null) return 0
  const ms = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * SECOND
    : Date.parse(retryAfter) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_PAUSE_MS)
}
