/** Milliseconds since the epoch. Tests bring their own. */
export type Clock = { now(): number }
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Whether `at` is fewer than `ms` milliseconds ago. False if `at` is in the future: when the clock
 * has been set back, a cache entry of some seconds would otherwise live for as long as the clock
 * was ahead.
 */
export const isWithin = (ms: number, at: number, now: number): boolean => at <= now && now - at < ms
