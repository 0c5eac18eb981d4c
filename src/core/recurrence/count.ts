// How many slots lie between two, without finding each of them: COUNT of a rule may be thousands, and
// most of them missed.
import { type DaysOfPeriod, dayOf, daysOfPeriods, isNamed, numbersTo } from './days.ts'
import type { Rule } from './rule.ts'

/** The slots behind `after`, up to `upTo`; `most` and one stand for more. */
export type Span = { readonly after: string; readonly upTo: string; readonly most: number }

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600

/** Of every rule but an hourly one; all are wall clocks of the same kind. The first time counts. */
export const countCalendar = (rule: Rule, starts: string, { after, upTo, most }: Span): number => {
  const within: Within = { first: seconds(starts), after: seconds(after), upTo: seconds(upTo) }
  let found = within.after < within.first && within.first <= within.upTo ? 1 : 0
  const countIn = counter(rule, starts, within)
  const days = { from: dayOf(after), to: dayOf(upTo) }
  for (const period of daysOfPeriods(rule, starts, days)) {
    if (found > most) break
    found += countIn(period)
  }
  return Math.min(found, most + 1)
}

type Within = { readonly first: number; readonly after: number; readonly upTo: number }

const seconds = (wall: string): number =>
  Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`) / 1_000

const counter = (rule: Rule, starts: string, { first, after, upTo }: Within) => {
  const all = timesOfDay(rule, starts)
  const positions = rule.lists.BYSETPOS
  // A period of DAILY is one day: positions choose among its times.
  const isDaily = rule.frequency === 'DAILY'
  const times =
    isDaily && positions ? chosen(positions, all.length).map((at) => all[at] as number) : all
  const choices = new Map<number, readonly number[]>()
  /** Those of so many times that positions choose. */
  const choose = (size: number): readonly number[] => {
    const known = choices.get(size) ?? chosen(isDaily ? undefined : positions, size)
    choices.set(size, known)
    return known
  }
  const least = Math.max(first, after)
  return ({ base, offsets }: DaysOfPeriod): number => {
    const indices = choose(offsets.length * times.length)
    const at = (day: number) => (base + (offsets.at(day) as number)) * DAY_SECONDS
    if (indices.length === 0) return 0
    if (at(0) > least && at(-1) + DAY_SECONDS <= upTo) return indices.length
    return indices.filter((index) => {
      const time = at(Math.floor(index / times.length)) + (times[index % times.length] as number)
      return time > least && time <= upTo
    }).length
  }
}

const timesOfDay = ({ lists: { BYHOUR: hours } }: Rule, starts: string): number[] => {
  const first = ((seconds(starts) % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS
  return hours?.map((hour) => hour * HOUR_SECONDS + (first % HOUR_SECONDS)) ?? [first]
}

/** The indices that positions choose of so many; all without positions. */
const chosen = (positions: readonly number[] | undefined, size: number): number[] =>
  numbersTo(size).filter((index) => !positions || isNamed(positions, index, size))
