// FREQ=HOURLY: elapsed hours. Where clocks go back, the hour that comes twice is one slot.
import { Temporal } from 'temporal-polyfill'
import { storedZone } from '../time-zones.ts'
import { instantIn, type WallTime } from '../wall-clock.ts'
import type { Span } from './count.ts'
import type { Rule } from './rule.ts'

type Hours = {
  /** The first slot behind a wall clock. */
  after(wall: string): string
  count(span: Span): number
}

const HOUR_MS = 3_600_000
/** Clocks go back by so much at most: by a whole day where a zone changed sides of the date line. */
const MOST_BACK_MS = 25 * HOUR_MS

export const openHours = ({ interval }: Pick<Rule, 'interval'>, starts: WallTime): Hours => {
  const zone = starts.kind === 'zoned' ? storedZone(starts.time_zone) : 'UTC'
  const msOf = (wall: string): number => Date.parse(instantIn(wall, zone))
  const began = msOf(starts.kind === 'day' ? `${starts.date}T00:00:00` : starts.datetime)
  const stepMs = interval * HOUR_MS
  const at = (n: number): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(began + n * stepMs).toZonedDateTimeISO(zone)
  const wallAt = (n: number): string => at(n).toPlainDateTime().toString({ smallestUnit: 'second' })
  const stepsTo = (wall: string): number => Math.max(0, Math.floor((msOf(wall) - began) / stepMs))

  const stepBehind = (from: string): number => {
    let n = stepsTo(from)
    while (wallAt(n) <= from) n++
    return n
  }

  /** Steps from one up to another whose wall clock is none behind that of the step before. */
  const repeated = (from: number, to: number): number => {
    if (zone === 'UTC' || stepMs > MOST_BACK_MS) return 0
    let found = 0
    let change = at(Math.max(0, from - 1)).getTimeZoneTransition('next')
    while (change !== null && change.epochMilliseconds < began + to * stepMs) {
      const first = Math.ceil((change.epochMilliseconds - began) / stepMs)
      const before = wallAt(first - 1)
      for (let n = first; n < to && wallAt(n) <= before; n++) found++
      change = change.getTimeZoneTransition('next')
    }
    return found
  }

  const count = (span: Span): number => {
    const [from, to] = [stepBehind(span.after), stepBehind(span.upTo)]
    // Fewer than half of them are repeated: then it is not worth the search.
    if (to - from > 2 * (span.most + MOST_BACK_MS / HOUR_MS)) return span.most + 1
    return Math.min(to - from - repeated(from, to), span.most + 1)
  }
  return { after: (wall) => wallAt(stepBehind(wall)), count }
}
