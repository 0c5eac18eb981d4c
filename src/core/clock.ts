/** Milliseconds since the epoch. Tests bring their own. */
export type Clock = { now(): number }
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Were fewer than `ms` milliseconds ago at `at`? Not where the clock has been set back behind `at`:
 * what is remembered for some seconds would else be remembered for as long as the clock was ahead.
 */
export const isWithin = (ms: number, at: number, now: number): boolean => at <= now && now - at < ms
