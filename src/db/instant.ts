/** A point in time as the API writes it: RFC 3339, UTC, milliseconds, as in `2026-12-01T09:00:00.000Z`. Text order is time order. */
export type Instant = string

const DAY = 86_400_000
const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))
const calendar = new Map<number, string>()

const dateOf = (day: number): string => {
  const known = calendar.get(day)
  if (known !== undefined) return known
  if (calendar.size > 4096) calendar.clear()
  const text = new Date(day * DAY).toISOString().slice(0, 11)
  calendar.set(day, text)
  return text
}

/**
 * Milliseconds since the epoch as an instant: `new Date(ms).toISOString()`, with the calendar worked out once a day,
 * because a list of fifty tasks has a hundred of these and they were its largest cost.
 */
export const instantOf = (ms: number): Instant => {
  const day = Math.floor(ms / DAY)
  const rest = ms - day * DAY
  const seconds = Math.floor(rest / 1000)
  const minutes = Math.floor(seconds / 60)
  return `${dateOf(day)}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${String(rest % 1000).padStart(3, '0')}Z`
}

/** `2026-12-01 09:00:00.000+00` or a Date, as Postgres drivers hand over `timestamptz`. */
export const fromPostgresTimestamp = (value: string | Date): Instant => instantOf(new Date(value).getTime())

/** `2026-12-01 09:00:00.000`, UTC, as MySQL drivers hand over `datetime(3)`; a Date where the pool is set to `Z`. */
export const fromMySqlDatetime = (value: string | Date): Instant =>
  instantOf(typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : value.getTime())

export const toMySqlDatetime = (value: Instant): string => value.slice(0, 23).replace('T', ' ')
