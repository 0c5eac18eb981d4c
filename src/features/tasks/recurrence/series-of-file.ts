// The series of a task of a file: the rule as it stands there, looked at as that of a request is.
import { ruleFor } from '../../../core/recurrence/compose.ts'
import { formatRule } from '../../../core/recurrence/rule.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import type { Recurring } from './row.ts'
import type { Recurrence } from './schemas.ts'

export type SeriesOfFile = Omit<Recurrence, 'starts'> & {
  /** Null: its due. */
  readonly starts: WallTime | null
  readonly occurrence: WallTime | null
  /** Slots behind the present one that COUNT allows; null: all but this one. */
  readonly left: number | null
}

/** Throws RuleFault. */
export const seriesOfFile = async (
  { rule: text, anchor, missed, starts: given, occurrence, left }: SeriesOfFile,
  due: WallTime,
): Promise<Recurring & { readonly left: number | null }> => {
  const starts = given ?? due
  const rule = await ruleFor(text, starts)
  const most = rule.count === undefined ? null : rule.count - 1
  return {
    recurrence: { rule: formatRule(rule), anchor, missed, starts },
    occurrence: occurrence ?? due,
    left: most === null || left === null ? most : Math.max(0, Math.min(left, most)),
  }
}
