// UNTIL of a rule: in the form that goes with its times (RFC 5545, 3.3.10), and as the wall clock
// that bounds them.
import { Temporal } from 'temporal-polyfill'
import { storedZone } from '../time-zones.ts'
import { instantIn, type WallTime } from '../wall-clock.ts'
import { type Rule, RuleFault } from './rule.ts'

const dashed = (digits: string): string =>
  `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`
const timed = (until: string): string =>
  `${dashed(until)}T${until.slice(9, 11)}:${until.slice(11, 13)}:${until.slice(13, 15)}`
const compact = (wall: string): string => wall.replaceAll(/[-:]/g, '')

/** A date of its own bounds a time by its end. */
const END_OF_DAY = 'T23:59:59'

/**
 * The rule with its UNTIL as it goes with these times: a date with days, a wall clock with floating
 * times, an instant in UTC with zoned ones. Throws RuleFault.
 */
export const withUntilOf = (rule: Rule, starts: WallTime): Rule => {
  const { until } = rule
  if (until === undefined) return rule
  if (starts.kind === 'day') return { ...rule, until: until.slice(0, 8) }
  const wall = until.length === 8 ? `${dashed(until)}${END_OF_DAY}` : timed(until)
  if (starts.kind === 'floating') {
    if (until.endsWith('Z'))
      throw new RuleFault('UNTIL', 'a floating time is no instant: leave the Z out.')
    return { ...rule, until: compact(wall) }
  }
  if (until.endsWith('Z')) return rule
  const instant = instantIn(wall, storedZone(starts.time_zone))
  return { ...rule, until: `${compact(instant.slice(0, 19))}Z` }
}

/** The last wall clock, in the zone of these times, that UNTIL allows. */
export const lastWall = ({ until }: Rule, starts: WallTime): string | undefined => {
  if (until === undefined) return undefined
  if (starts.kind === 'day') return dashed(until)
  if (until.length === 8) return `${dashed(until)}${END_OF_DAY}`
  if (!until.endsWith('Z') || starts.kind === 'floating') return timed(until)
  return Temporal.Instant.from(`${timed(until)}Z`)
    .toZonedDateTimeISO(storedZone(starts.time_zone))
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
}
