import type { WallTime } from '../wall-clock.ts'
import { parseRule } from './parse-rule.ts'
import { type Rule, RuleFault } from './rule.ts'
import { expectSlots } from './series.ts'
import { withUntilOf } from './until.ts'

/**
 * The rule that a text says, for a series that begins with `starts`: its parts fit that kind of
 * time, and it selects at least one. Throws RuleFault.
 */
export const ruleFor = async (text: string, starts: WallTime): Promise<Rule> => {
  const rule = parseRule(text)
  if (starts.kind === 'day') expectDays(rule)
  const fitting = withUntilOf(rule, starts)
  await expectSlots(fitting, starts)
  return fitting
}

const expectDays = ({ frequency, lists }: Rule): void => {
  if (frequency === 'HOURLY')
    throw new RuleFault('FREQ', 'an all-day task recurs once a day at most.')
  if (lists.BYHOUR) throw new RuleFault('BYHOUR', 'an all-day task has no hours.')
}
