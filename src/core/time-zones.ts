// Which time zones there are: those that Temporal calculates with, and no others. Intl knows more
// names (CST, IST, PST), and other runtimes other ones.
import { Temporal } from 'temporal-polyfill'
import type { Log } from './log.ts'

/**
 * Limits the caches. The time zone database has some 600 names, but they are taken in any case, so
 * clients could make up more.
 */
const MAX_ZONES = 1000
const known = new Set<string>()
/** Stored ones that this runtime does not know, and whether the log has told of them. */
const unknown = new Map<string, { told: boolean }>()
let untold = 0

/** Longer ones fit no column. The characters keep out dates with a zone, which Temporal takes too. */
const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/
const OFFSET = /^[+-]\d\d(:?\d\d)?$/
/**
 * Whether a text is a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`, or an
 * offset from UTC, such as `+05:30`.
 */
export const isTimeZone = (zone: string): boolean => {
  if (known.has(zone)) return true
  if (!(NAME.test(zone) || OFFSET.test(zone)) || !isCalculable(zone)) return false
  if (known.size < MAX_ZONES) known.add(zone)
  return true
}
const isCalculable = (zone: string): boolean => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone) !== undefined
  } catch {
    return false
  }
}

/**
 * A stored time zone, to calculate with. One that this runtime does not know (another one, or an
 * older version, has taken it) is read as UTC. `tellUnknownZones` tells the log of it.
 */
export const storedZone = (zone: string): string => {
  if (known.has(zone)) return zone
  if (unknown.has(zone)) return UTC
  if (isTimeZone(zone)) return zone
  if (unknown.size < MAX_ZONES) {
    unknown.set(zone, { told: false })
    untold++
  }
  return UTC
}
const UTC = 'UTC'

/** What the log is told of a stored time zone that this runtime does not know. */
export const ZONE_IS_UNKNOWN =
  'this runtime does not know a stored time zone: what has it is read as a wall clock in UTC'

/** Tells the log, once for each, which stored time zones were read as UTC. */
export const tellUnknownZones = (log: Log): void => {
  if (untold === 0) return
  untold = 0
  for (const [zone, state] of unknown) {
    if (state.told) continue
    state.told = true
    log.warning(ZONE_IS_UNKNOWN, { time_zone: zone })
  }
}
