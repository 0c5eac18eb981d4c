// Slots of random rules, held against another implementation. Where the two differ, the RFC's own
// definitions decide, and the reason is one of those that stand here.
import { describe, expect, test } from 'vitest'
import { pick, randomOf } from '../../bench/data/random.ts'
import { ruleFor } from '../../src/core/recurrence/compose.ts'
import { patternOf, type Rule, RuleFault } from '../../src/core/recurrence/rule.ts'
import { openSeries, wallOf, withWall } from '../../src/core/recurrence/series.ts'
import { instantIn, type WallTime } from '../../src/core/wall-clock.ts'
import { nextOccurrence } from '../../src/features/tasks/recurrence/next.ts'
import { sized } from '../support/size.ts'
import { seed } from './random.ts'
import { definedSlots, oracleSlots } from './recurrence/oracle.ts'
import { randomRule, randomWall, zones } from './recurrence/rules.ts'

const RULES = sized('RULES', { full: 10_000, small: 400 })
const SLOTS = 8

/** A rule that is taken, or why not. */
const taken = async (text: string, starts: WallTime): Promise<Rule | string> => {
  try {
    return await ruleFor(text, starts)
  } catch (error) {
    if (error instanceof RuleFault) return error.message
    throw error
  }
}

/** Why the other implementation may say something else. */
const reasons: readonly { readonly name: string; holds(rule: Rule): boolean }[] = [
  {
    // "-1SU,SU" is all Sundays: the other one takes each weekday with a number only at that number.
    name: 'a weekday is named with and without a number',
    holds: ({ byDay = [] }) =>
      byDay.some(({ nth }) => nth !== undefined) && byDay.some(({ nth }) => nth === undefined),
  },
  {
    // Positions count in the whole week, also where it began before the first time (3.3.10).
    name: 'BYSETPOS in a period that began before the first time',
    holds: ({ lists }) => lists.BYSETPOS !== undefined,
  },
  {
    // A week of BYWEEKNO may have days in the year before or after.
    name: 'BYWEEKNO at the end of a year',
    holds: ({ lists }) => lists.BYWEEKNO !== undefined,
  },
]

const slotsOf = async (rule: Rule, starts: WallTime, after: string, most: number) => {
  const series = await openSeries(rule, starts)
  const found: string[] = []
  for (let at = after; found.length < most; at = found.at(-1) as string) {
    const slot = series.after(at)
    if (slot === undefined) break
    found.push(wallOf(slot))
  }
  return found
}

const toSeconds = (wall: string) => (wall.length === 10 ? `${wall}T00:00:00` : wall)

describe('rrule-temporal and rrule-rust', () => {
  test(`say the same of ${RULES} rules`, async () => {
    const random = randomOf(seed)
    const tally = { compared: 0, refused: 0, ended: 0 }
    const differing = new Map<string, number>()
    while (tally.compared < RULES) {
      const text = randomRule(random)
      const wall = randomWall(random)
      const isDay = !text.includes('BYHOUR') && random() < 0.3
      const at: WallTime = isDay
        ? { kind: 'day', date: wall.slice(0, 10) }
        : { kind: 'floating', datetime: wall }
      const given = await taken(text, at)
      if (typeof given === 'string') {
        tally.refused++
        continue
      }
      const pattern = patternOf(given)
      const said = `SEED=${seed}: ${pattern} from ${wall}`
      const asked = { after: toSeconds(wallOf(at)), most: 1, inclusive: true }
      // Three of four begin with a slot of the rule, as they should.
      const [first] = random() < 0.75 ? oracleSlots(pattern, asked.after, asked) : [undefined]
      const starts = first === undefined ? at : withWall(at, isDay ? first.slice(0, 10) : first)
      const far = random() < 0.3
      const from = far
        ? `${Number(wall.slice(0, 4)) + Math.floor(random() * 40)}${wall.slice(4)}`
        : wallOf(starts)
      const after = from > wallOf(starts) ? from.slice(0, wallOf(starts).length) : wallOf(starts)
      const ours = (await slotsOf(given, starts, after, SLOTS)).map(toSeconds)
      const question = { after: toSeconds(after), most: SLOTS }
      const theirs = oracleSlots(pattern, toSeconds(wallOf(starts)), question)
      tally.compared++
      if (JSON.stringify(ours) === JSON.stringify(theirs)) continue
      // What is more than 400 periods away is no slot here.
      if (
        ours.length < SLOTS &&
        JSON.stringify(ours) === JSON.stringify(theirs.slice(0, ours.length))
      ) {
        tally.ended++
        continue
      }
      const reason = reasons.find(({ holds }) => holds(given))
      expect(reason, `${said}: ${ours} and not ${theirs}`).toBeDefined()
      if (!given.lists.BYWEEKNO)
        expect(ours, said).toEqual(
          definedSlots(given, toSeconds(wallOf(starts)), question).slice(0, ours.length),
        )
      differing.set(reason?.name ?? '', (differing.get(reason?.name ?? '') ?? 0) + 1)
    }
    console.log(`SEED=${seed}`, tally, Object.fromEntries(differing))
    expect(tally.ended).toBeLessThan(RULES / 50)
    expect([...differing.values()].reduce((sum, n) => sum + n, 0)).toBeLessThan(RULES / 10)
  })
})

describe('each reason for a difference', () => {
  const both = async (text: string, wall: string, most: number) => {
    const starts: WallTime = { kind: 'day', date: wall }
    const rule = (await taken(text, starts)) as Rule
    const question = { after: toSeconds(wall), most }
    return {
      ours: await slotsOf(rule, starts, wall, most),
      theirs: oracleSlots(patternOf(rule), toSeconds(wall), question).map((slot) =>
        slot.slice(0, 10),
      ),
      defined: definedSlots(rule, toSeconds(wall), question).map((slot) => slot.slice(0, 10)),
    }
  }

  test('53TH is refused: some years have no 53rd Thursday', async () => {
    expect(await taken('FREQ=YEARLY;BYDAY=53TH', { kind: 'day', date: '2026-01-01' })).toMatch(/52/)
  })

  test('BYSETPOS in the first partial week counts from the beginning of the week', async () => {
    // From a Wednesday: its Monday is the first of that week, and past.
    const { ours, defined } = await both('FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1', '2026-01-07', 2)
    expect(ours).toEqual(['2026-01-12', '2026-01-19'])
    expect(defined).toEqual(ours)
  })

  test('a weekday without a number is each of them, also beside one with a number', async () => {
    const { ours, defined } = await both('FREQ=MONTHLY;BYDAY=SU,1SU', '2026-02-01', 3)
    expect(ours).toEqual(['2026-02-08', '2026-02-15', '2026-02-22'])
    expect(defined).toEqual(ours)
  })
})
