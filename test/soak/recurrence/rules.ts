// Rules at random: of every part that the service takes.
import { pick } from '../../../bench/data/random.ts'
import { weekdays } from '../../../src/core/recurrence/rule.ts'

type Random = () => number

const between = (random: Random, from: number, to: number) =>
  from + Math.floor(random() * (to - from + 1))
const some = <T>(random: Random, most: number, one: () => T): string =>
  Array.from({ length: between(random, 1, most) }, one).join()
const signed = (random: Random, most: number) =>
  (random() < 0.3 ? -1 : 1) * between(random, 1, most)

/** Mostly one that is taken. */
export const randomRule = (random: Random): string => {
  const frequency = pick(random, ['DAILY', 'WEEKLY', 'MONTHLY', 'MONTHLY', 'YEARLY', 'YEARLY'])
  const is = (...names: string[]) => names.includes(frequency)
  const maybe = (chance: number, part: () => string): string[] =>
    random() < chance ? [part()] : []
  const months = maybe(
    is('YEARLY') ? 0.5 : 0.15,
    () => `BYMONTH=${some(random, 3, () => between(random, 1, 12))}`,
  )
  const weeks = is('YEARLY')
    ? maybe(0.15, () => `BYWEEKNO=${some(random, 3, () => signed(random, 53))}`)
    : []
  // Mostly all weekdays have a number, or none.
  const numbered = pick(random, [0, 0, 0, 0, 1, 1, 1, 0.5])
  const nth = () => {
    if (is('DAILY', 'WEEKLY') || weeks.length > 0 || random() >= numbered) return ''
    const most = is('YEARLY') && months.length === 0 ? 52 : 5
    const n = signed(random, most)
    // The other implementation takes no fifth weekday from the end of a month.
    return n === -5 ? 5 : n
  }
  const parts = [
    ...months,
    ...weeks,
    ...(is('YEARLY')
      ? maybe(0.15, () => `BYYEARDAY=${some(random, 3, () => signed(random, 366))}`)
      : []),
    ...(is('WEEKLY')
      ? []
      : maybe(0.35, () => `BYMONTHDAY=${some(random, 4, () => signed(random, 31))}`)),
    ...maybe(0.45, () => `BYDAY=${some(random, 4, () => `${nth()}${pick(random, weekdays)}`)}`),
    ...maybe(0.12, () => `BYHOUR=${some(random, 3, () => between(random, 0, 23))}`),
  ]
  return [
    `FREQ=${frequency}`,
    ...maybe(0.4, () => `INTERVAL=${between(random, 1, random() < 0.1 ? 40 : 4)}`),
    ...parts,
    ...(parts.length > 0
      ? maybe(0.3, () => `BYSETPOS=${some(random, 2, () => signed(random, 4))}`)
      : []),
    ...maybe(0.3, () => `WKST=${pick(random, weekdays)}`),
  ].join(';')
}

const two = (n: number) => String(n).padStart(2, '0')

/** A wall clock from 1990 to 2039. */
export const randomWall = (random: Random): string =>
  `${between(random, 1990, 2039)}-${two(between(random, 1, 12))}-${two(between(random, 1, 28))}T${two(between(random, 0, 23))}:${pick(random, ['00', '30', '45'])}:00`

export const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'UTC',
] as const
