/** Milliseconds since the epoch. Tests bring their own. */
export type Clock = { now(): number }
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Whether `at` is fewer than `ms` milliseconds ago. False if `at` is in the future: when the clock
 * has been set back, a cache entry of some seconds would otherwise live for as long as the clock
 * was ahead.
 */
export const isWithin = (ms: number, at: number, now: number): boolean => at <= now && now - at < ms

/** The clocks of processes on one database differ by less, in milliseconds. */
export const SKEW_MS = 60_000

/**
 * Whether a window of `ms` milliseconds that ends at `endsAt` is open. False if it would end later
 * than its length from now: a clock that was ahead began it, and it would stay open for as long as
 * that clock was ahead.
 */
export const isOpen = (ms: number, endsAt: number, now: number): boolean =>
  now < endsAt && endsAt - now <= ms + SKEW_MS
