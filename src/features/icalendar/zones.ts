// Which zone of the IANA database a TZID means. Calendars define their own names, so the definition
// (VTIMEZONE) says more than the name.
import { Temporal } from 'temporal-polyfill'
import { isTimeZone } from '../../core/time-zones.ts'

/** One rule of a VTIMEZONE: from when on its offset holds. */
type Observance = {
  readonly kind: 'STANDARD' | 'DAYLIGHT'
  readonly offset: string
  /** The RRULE as it stands; undefined where it begins once. */
  readonly rule: string | undefined
  /** `19701025T030000` */
  readonly begins: string
}
type Definition = {
  readonly location: string | undefined
  readonly observances: readonly Observance[]
}

/** Zones that are looked at for one that has the same rules, besides that of the user. */
const CANDIDATES = [
  'Europe/Berlin Europe/London Europe/Lisbon Europe/Athens Europe/Moscow Europe/Istanbul',
  'America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles',
  'America/Anchorage Pacific/Honolulu America/Halifax America/St_Johns America/Sao_Paulo',
  'America/Santiago America/Mexico_City Africa/Lagos Africa/Johannesburg Africa/Nairobi',
  'Africa/Cairo Asia/Jerusalem Asia/Dubai Asia/Tehran Asia/Karachi Asia/Kolkata Asia/Kathmandu',
  'Asia/Dhaka Asia/Bangkok Asia/Shanghai Asia/Tokyo Australia/Perth Australia/Adelaide',
  'Australia/Darwin Australia/Brisbane Australia/Sydney Australia/Lord_Howe Pacific/Auckland',
  'Pacific/Chatham Pacific/Tongatapu',
].flatMap((line) => line.split(' '))

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** The day of a yearly rule of the kind that zones have, `BYMONTH=3;BYDAY=-1SU`, in a year. */
const dayIn = (rule: string, year: number): Temporal.PlainDate | undefined => {
  const month = Number(/BYMONTH=(\d{1,2})(?:;|$)/.exec(rule)?.[1])
  const [, nth = '', day = ''] = /BYDAY=(-?\d)([A-Z]{2})(?:;|$)/.exec(rule) ?? []
  const weekday = DAYS.indexOf(day) + 1
  if (!(month >= 1 && month <= 12) || weekday === 0 || Number(nth) === 0) return undefined
  const first = Temporal.PlainDate.from({ year, month, day: 1 })
  if (nth.startsWith('-')) {
    const last = first.with({ day: first.daysInMonth })
    const back = ((last.dayOfWeek - weekday + 7) % 7) + 7 * (-Number(nth) - 1)
    return last.subtract({ days: back })
  }
  return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + 7 * (Number(nth) - 1) })
}

/** `+0100` as `+01:00`. */
const isoOffset = (offset: string): string | undefined => {
  const [, sign, h, m] = /^([+-])(\d\d)(\d\d)(?:\d\d)?$/.exec(offset) ?? []
  return sign === undefined ? undefined : `${sign}${h}:${m}`
}

/** Instants between which the definition's offsets hold, in a year of which most calendars tell. */
const YEAR = 2026

/** The offset on the day before and after each change of that year, as a text to compare. */
const rulesOf = ({ observances }: Definition): { day: string; offset: string }[] | undefined => {
  const found = observances.map(({ rule, offset }) => ({
    day: rule === undefined ? undefined : dayIn(rule, YEAR)?.toString(),
    offset: isoOffset(offset),
  }))
  return found.every((one) => one.day !== undefined && one.offset !== undefined)
    ? (found as { day: string; offset: string }[])
    : undefined
}

const hasRules = (zone: string, rules: readonly { day: string; offset: string }[]): boolean =>
  rules.every(({ day, offset }) => {
    const noon = (date: Temporal.PlainDate) =>
      date.toZonedDateTime({ timeZone: zone, plainTime: '12:00' })
    const date = Temporal.PlainDate.from(day)
    return (
      noon(date.add({ days: 1 })).offset === offset &&
      noon(date.subtract({ days: 1 })).offset !== offset
    )
  })

/**
 * The zone that a TZID means, for times of users in `own`: of that name, of the place that its
 * definition names, of the end of its name (`/example.org/Europe/Berlin`), or one that has the same
 * rules; where the definition has one offset, that. Undefined where nothing tells.
 */
export const zoneOf = (
  tzid: string,
  definition: Definition | undefined,
  own: string,
): string | undefined => {
  if (isTimeZone(tzid)) return tzid
  const { location } = definition ?? {}
  if (location !== undefined && isTimeZone(location)) return location
  const parts = tzid.split('/')
  for (let from = 1; from < parts.length; from++) {
    const end = parts.slice(from).join('/')
    if (end.includes('/') && isTimeZone(end)) return end
  }
  if (!definition) return undefined
  const recurring = definition.observances.filter(({ rule }) => rule !== undefined)
  if (recurring.length === 0) {
    const offsets = new Set(definition.observances.map(({ offset }) => isoOffset(offset)))
    const [only] = offsets
    if (offsets.size === 1 && only !== undefined && isTimeZone(only)) return only
    return undefined
  }
  const rules = rulesOf({ ...definition, observances: recurring })
  if (!rules) return undefined
  return [own, ...CANDIDATES].find((zone) => isTimeZone(zone) && hasRules(zone, rules))
}
