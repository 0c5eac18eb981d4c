// What a request makes of a task's recurrence: a rule that is set or changed begins a new series at
// the due; a due that is changed alone postpones one occurrence.
import { invalid } from '../../../core/errors.ts'
import { isSameField } from '../../../core/patch.ts'
import { ruleFor } from '../../../core/recurrence/compose.ts'
import { parseRule } from '../../../core/recurrence/parse-rule.ts'
import { formatRule, RuleFault } from '../../../core/recurrence/rule.ts'
import { withUntilOf } from '../../../core/recurrence/until.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import { happensOnce, type Recurring } from './row.ts'
import type { Recurrence, RecurrenceInput, RecurrencePatch } from './schemas.ts'

type Asked = {
  /** Undefined where the request does not name it. */
  readonly recurrence: RecurrenceInput | null | undefined
  readonly due: WallTime | null
}
/** `left` is undefined where it stays. */
export type Settled = Recurring & { readonly left?: number | null }

/** Throws `invalid`: `invalid_rule`, `never_occurs`, `due_required`, `read_only`. */
export const settle = async (present: Recurring, { recurrence, due }: Asked): Promise<Settled> => {
  const wanted = recurrence === undefined ? present.recurrence : recurrence
  if (wanted === null)
    return present.recurrence === null ? happensOnce : { ...happensOnce, left: null }
  if (due === null) throw dueRequired()
  if (recurrence === undefined || recurrence === null) return present
  const settled = sameSeries(present, recurrence) ?? (await newSeries(recurrence, due))
  expectStarts(recurrence, settled.recurrence)
  return settled
}

const sameSeries = (
  { recurrence: present, occurrence }: Recurring,
  { rule, anchor, missed }: RecurrenceInput,
): Settled | undefined =>
  present && anchor === present.anchor && isSameRule(present, rule)
    ? { recurrence: { ...present, missed }, occurrence }
    : undefined

const isSameRule = ({ rule, starts }: Recurrence, text: string): boolean => {
  if (text === rule) return true
  try {
    return formatRule(withUntilOf(parseRule(text), starts)) === rule
  } catch (error) {
    if (error instanceof RuleFault) return false
    throw error
  }
}

const newSeries = async (
  { rule: text, anchor, missed }: RecurrenceInput,
  due: WallTime,
): Promise<Settled> => {
  try {
    const rule = await ruleFor(text, due)
    return {
      recurrence: { rule: formatRule(rule), anchor, missed, starts: due },
      occurrence: due,
      left: rule.count === undefined ? null : rule.count - 1,
    }
  } catch (error) {
    if (error instanceof RuleFault)
      throw invalid({ at: ['recurrence', 'rule'], code: error.code, detail: error.message })
    throw error
  }
}

const expectStarts = (given: RecurrenceInput, settled: Recurrence | null): void => {
  if (given.starts === undefined || isSameField(given.starts, settled?.starts)) return
  throw invalid({
    at: ['recurrence', 'starts'],
    code: 'read_only',
    detail:
      'starts cannot be changed; leave it out, or as it will be: the due when the rule is set.',
  })
}

const dueRequired = () =>
  invalid({
    at: ['due'],
    code: 'due_required',
    detail: 'A recurring task has a due. Take the recurrence away together with it.',
  })

/** Merges a patch into the present recurrence. Throws `invalid` where there is no rule then. */
export const mergeRecurrence = (
  present: Recurrence | null,
  patch: RecurrencePatch | null,
): RecurrenceInput | null => {
  if (patch === null) return null
  const { rule = present?.rule, anchor = present?.anchor, missed = present?.missed, starts } = patch
  if (rule === undefined)
    throw invalid({ at: ['recurrence', 'rule'], code: 'required', detail: 'This is required.' })
  return { rule, anchor: anchor ?? 'due', missed: missed ?? 'skip', starts }
}
