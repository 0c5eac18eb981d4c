// What time it is, for what cannot be undone: a clock that is wrong for a while must not decide
// that something is due.

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** Looks have at least this time between them. */
const APART_MS = 50 * 60 * 1000

/**
 * One look at the clock: what it said, and how much time had been observed by then; both in
 * milliseconds.
 */
type Look = { readonly at: number; readonly observed: number }

/** What is known of the clock: stored as JSON, and read and extended at each look. */
export type ObservedClock = {
  /** The latest reading that a day of observed time has confirmed. */
  readonly confirmed: number
  /** The looks that are not confirmed yet, the oldest first. */
  readonly looks: readonly Look[]
  /** Times that the clock had already passed when it was set back behind them. */
  readonly passedTwice?: { readonly from: number; readonly to: number }
}

/**
 * Adds a look. From one look to the next at most an hour is observed, whatever the clock says: so
 * a jump ahead is confirmed when the service has looked for a day since, and the jump itself counts
 * for no more than the hours of running beside it. A clock that goes back begins anew.
 */
export const look = (before: ObservedClock | undefined, now: number): ObservedClock => {
  const last = before?.looks.at(-1)
  if (!before || !last) return { confirmed: 0, looks: [{ at: now, observed: 0 }] }
  if (now < last.at) return setBack(before, now)
  if (now - last.at < APART_MS) return before
  const observed = last.observed + Math.min(now - last.at, HOUR)
  const isConfirmed = (one: Look) => observed - one.observed >= DAY
  const confirmed = before.looks.findLast(isConfirmed)?.at ?? before.confirmed
  const looks = [...before.looks.filter((one) => !isConfirmed(one)), { at: now, observed }]
  return { ...before, confirmed, looks }
}

/**
 * A jump ahead that was not confirmed leaves nothing behind. Behind what was confirmed, times come
 * a second time.
 */
const setBack = ({ confirmed, passedTwice }: ObservedClock, now: number): ObservedClock => {
  const looks = [{ at: now, observed: 0 }]
  if (now >= confirmed) return { confirmed, looks, ...(passedTwice && { passedTwice }) }
  const { from = now, to = confirmed } = passedTwice ?? {}
  return {
    confirmed: now,
    looks,
    passedTwice: { from: Math.min(from, now), to: Math.max(to, confirmed) },
  }
}

/**
 * What has a time before this one is older than `age` milliseconds. A time that came twice counts
 * as the end of what came twice: what was written while the clock was behind is younger than it
 * seems.
 */
export const olderThan = ({ confirmed, passedTwice }: ObservedClock, age: number): number => {
  const before = confirmed - age
  if (passedTwice && before > passedTwice.from && before <= passedTwice.to) return passedTwice.from
  return before
}
