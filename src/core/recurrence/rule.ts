// Recurrence rules (RFC 5545, 3.3.10) as this service takes them: fewer than the RFC has, so that
// none takes long to iterate, and each in one canonical form.

export const frequencies = ['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const
export type Frequency = (typeof frequencies)[number]
export const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof weekdays)[number]
/** A weekday of each week, or with `nth` the first, second or last one of a month or year. */
export type ByDay = { readonly nth: number | undefined; readonly day: Weekday }

export const numberLists = [
  'BYMONTH',
  'BYWEEKNO',
  'BYYEARDAY',
  'BYMONTHDAY',
  'BYHOUR',
  'BYSETPOS',
] as const
export type NumberList = (typeof numberLists)[number]

export type Rule = {
  readonly frequency: Frequency
  readonly interval: number
  readonly count: number | undefined
  /** `20261231`, `20261231T090000` or `20261231T080000Z`. */
  readonly until: string | undefined
  readonly lists: Readonly<Partial<Record<NumberList, readonly number[]>>>
  readonly byDay: readonly ByDay[] | undefined
  readonly weekStart: Weekday
}

/** What is wrong with a rule: which of its parts, and why. */
export class RuleFault extends Error {
  readonly code: 'invalid_rule' | 'never_occurs'
  readonly part: string
  constructor(part: string, detail: string, code: RuleFault['code'] = 'invalid_rule') {
    super(`${part}: ${detail}`)
    this.part = part
    this.code = code
  }
}

/** The pattern alone, without where it ends. */
export const patternOf = ({ frequency, interval, lists, byDay, weekStart }: Rule): string => {
  const list = (name: NumberList) => (lists[name] ? [`${name}=${lists[name].join()}`] : [])
  return [
    `FREQ=${frequency}`,
    ...(interval === 1 ? [] : [`INTERVAL=${interval}`]),
    ...list('BYMONTH'),
    ...list('BYWEEKNO'),
    ...list('BYYEARDAY'),
    ...list('BYMONTHDAY'),
    ...(byDay ? [`BYDAY=${byDay.map(({ nth, day }) => `${nth ?? ''}${day}`).join()}`] : []),
    ...list('BYHOUR'),
    ...list('BYSETPOS'),
    ...(weekStart === 'MO' ? [] : [`WKST=${weekStart}`]),
  ].join(';')
}

/** The canonical text of a rule. */
export const formatRule = (rule: Rule): string =>
  [
    patternOf(rule),
    ...(rule.count === undefined ? [] : [`COUNT=${rule.count}`]),
    ...(rule.until === undefined ? [] : [`UNTIL=${rule.until}`]),
  ].join(';')
