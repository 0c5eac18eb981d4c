const now = Date.now()

/**
 * It stands still: what is remembered for half a minute is not looked up again, however slow the
 * machine is.
 */
export const stillClock = { now: () => now }
