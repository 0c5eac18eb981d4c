// A task's recurrence as requests and answers have it.

import { MAX_RULE } from '../../../core/recurrence/parse-rule.ts'
import { Id, Instant, text } from '../../../core/schemas.ts'
import { component, z } from '../../../core/zod.ts'
import { WallTime } from '../wall-time.ts'
import { WallTimeInput } from '../wall-time-input.ts'

const RecurrenceAnchor = component('RecurrenceAnchor', z.enum(['due', 'completion']), {
  description:
    'What the next occurrence is counted from: the slot of the present one, or the day on which it was completed.',
})
const RecurrenceMissed = component('RecurrenceMissed', z.enum(['skip', 'keep']), {
  description:
    'Slots that passed before the task was completed: left out, or done one after the other.',
})
export const RecurrenceRule = text(1, MAX_RULE).openapi({
  example: 'FREQ=MONTHLY;BYDAY=-1FR',
  description: 'A rule of RFC 5545 (RRULE) without DTSTART. It is answered in one canonical form.',
})

export const Recurrence = component(
  'Recurrence',
  z.object({
    rule: z.string(),
    anchor: RecurrenceAnchor,
    missed: RecurrenceMissed,
    starts: WallTime.openapi({
      description: 'The first slot (DTSTART): the due that the task had when the rule was set.',
    }),
  }),
  {
    description: 'How a task recurs.',
    example: {
      rule: 'FREQ=MONTHLY;BYDAY=-1FR',
      anchor: 'due',
      missed: 'skip',
      starts: { kind: 'day', date: '2026-11-27' },
    },
  },
)
export type Recurrence = z.output<typeof Recurrence>

const example = { rule: 'FREQ=MONTHLY;BYDAY=-1FR' }
const starts = WallTimeInput.optional().openapi({
  description: 'Read only: what it will be, if given.',
})
export const RecurrenceInput = component(
  'RecurrenceInput',
  z.strictObject({
    rule: RecurrenceRule,
    anchor: RecurrenceAnchor.default('due'),
    missed: RecurrenceMissed.default('skip'),
    starts,
  }),
  { description: 'How a task recurs. It needs a due, which is the first slot.', example },
)
export type RecurrenceInput = z.output<typeof RecurrenceInput>

export const OccurrenceChoice = z
  .strictObject({
    occurrence: WallTimeInput.optional().openapi({
      description:
        'The occurrence that is meant, as the task has it in `occurrence`. One that was done before changes nothing, so that a repeated request does its work once.',
    }),
  })
  .openapi('OccurrenceChoice', { example: {} })

export const OccurrenceToUndo = z
  .strictObject({
    occurrence: WallTimeInput.optional().openapi({
      description:
        'The occurrence to which a recurring task is to go back. Where the task is there already, nothing changes, so that a repeated request undoes one alone.',
    }),
  })
  .openapi('OccurrenceToUndo', { example: {} })

const OccurrenceOutcome = component('OccurrenceOutcome', z.enum(['completed', 'skipped']))
export const TaskOccurrence = z
  .object({
    occurrence: WallTime.openapi({ description: 'The slot of the rule.' }),
    due: WallTime,
    start: WallTime.nullable(),
    outcome: OccurrenceOutcome.nullable().openapi({ description: 'Null for one that is to come.' }),
    done_at: Instant.nullable(),
    done_by: Id.nullable(),
  })
  .openapi('TaskOccurrence', {
    example: {
      occurrence: { kind: 'day', date: '2026-11-27' },
      due: { kind: 'day', date: '2026-11-28' },
      start: null,
      outcome: 'completed',
      done_at: '2026-11-28T09:00:00.000Z',
      done_by: '0199c2f4-0000-7000-8000-000000000001',
    },
  })
export type TaskOccurrence = z.output<typeof TaskOccurrence>

const flag = (description: string) =>
  z
    .string()
    .regex(/^(true)?$/, 'This takes no value, or true.')
    .optional()
    .openapi({ description })
/** Which occurrences: one of the two, and without them `next`. */
export const occurrenceFilters = {
  past: flag('Those that were completed or skipped, the newest first.'),
  next: flag('Those that come when the present one is completed now, computed by the rule.'),
}

export const RecurrencePatch = component(
  'RecurrencePatch',
  z
    .strictObject({
      rule: RecurrenceRule,
      anchor: RecurrenceAnchor,
      missed: RecurrenceMissed,
      starts,
    })
    .partial(),
  { description: 'What it does not name stays.', example },
)
export type RecurrencePatch = z.output<typeof RecurrencePatch>
