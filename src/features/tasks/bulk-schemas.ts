// A change of all tasks that a filter finds.
import { Id } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'
import { LabelName } from '../labels/index.ts'
import { taskFilters } from './filter-schemas.ts'
import { MAX_LABELS, TaskPriority } from './schemas.ts'
import { WallTimeInput } from './wall-time-input.ts'

const { sort: _sort, overdue: _overdue, deleted: _deleted, ...filters } = taskFilters

/** The filters of the list, as they are in JSON; the trash is a list of its own. */
const TaskFilter = z
  .strictObject({
    ...filters,
    overdue: z.boolean().optional().openapi({
      description: 'Open and past its due; a day is past only when it is over.',
    }),
  })
  .refine((filter) => Object.values(filter).some((given) => given !== undefined), {
    error: 'Name at least one filter: without one all tasks would be changed.',
    params: { code: 'empty_filter' },
  })
  .openapi('TaskFilter', {
    description: 'The same as the query of the list of tasks; a list means OR.',
    example: { status: ['pending'], label: ['errand'] },
  })
export type TaskFilter = z.output<typeof TaskFilter>

const actions = [
  'complete',
  'reopen',
  'trash',
  'move',
  'add_labels',
  'remove_labels',
  'set_priority',
  'set_due',
  'shift',
] as const
type Action = (typeof actions)[number]

/** Ten years. */
const MOST_DAYS = 3_660
const names = z.array(LabelName).min(1).max(MAX_LABELS)
const fields = {
  project_id: Id.optional().openapi({ description: 'With `move`: where to.' }),
  labels: names
    .optional()
    .openapi({ description: 'With `add_labels` and `remove_labels`: names.' }),
  priority: TaskPriority.optional().openapi({ description: 'With `set_priority`.' }),
  due: WallTimeInput.nullable()
    .optional()
    .openapi({ description: 'With `set_due`; null takes it away.' }),
  days: z.int().min(-MOST_DAYS).max(MOST_DAYS).optional().openapi({
    description: 'With `shift`: by how many days due and start move; what has neither stays.',
  }),
}
type Field = keyof typeof fields
const takes: Readonly<Record<Action, Field | undefined>> = {
  complete: undefined,
  reopen: undefined,
  trash: undefined,
  move: 'project_id',
  add_labels: 'labels',
  remove_labels: 'labels',
  set_priority: 'priority',
  set_due: 'due',
  shift: 'days',
}

const TaskChange = z
  .strictObject({ action: component('TaskAction', z.enum(actions)), ...fields })
  .superRefine(({ action, ...given }, context) => {
    for (const field of Object.keys(fields) as Field[]) {
      if ((given[field] !== undefined) === (takes[action] === field)) continue
      const missing = takes[action] === field
      context.addIssue({
        code: 'custom',
        path: [field],
        message: missing ? `${action} takes ${field}.` : `${action} does not take ${field}.`,
        params: { code: missing ? 'required' : 'unknown_field' },
      })
    }
  })
  .openapi('TaskChange', {
    description: 'What is done with each task: an action, and the field that goes with it.',
    example: { action: 'set_priority', priority: 'high' },
  })
export type TaskChange = z.output<typeof TaskChange>

export const BulkChange = z
  .strictObject({
    filter: TaskFilter,
    change: TaskChange,
    dry_run: z.boolean().default(false).openapi({
      description:
        'Only count the tasks that the filter finds: which of them would be refused shows only when they are changed.',
    }),
  })
  .openapi('BulkChange', {
    example: {
      filter: { status: ['pending'], due_before: '2026-12-01' },
      change: { action: 'shift', days: 7 },
      dry_run: true,
    },
  })
export type BulkChange = z.output<typeof BulkChange>

export const BulkOutcome = z
  .object({
    id: Id.nullable().openapi({
      description: 'Where it can be asked for again: /bulk/{id}. Null where nothing was begun.',
    }),
    matched: z.int().openapi({ description: 'Tasks that the filter found at the beginning.' }),
    changed: z.int(),
    unchanged: z.int().openapi({ description: 'They were so already.' }),
    refused: z
      .array(
        z
          .object({
            code: z.string(),
            reason: z.string().nullable().openapi({
              description:
                'With `invalid`: the code of the field that does not fit, as in `errors`.',
            }),
            count: z.int(),
          })
          .openapi('BulkRefusal'),
      )
      .openapi({
        description: 'How many could not be changed, by the code that the single request has.',
      }),
    done: z
      .boolean()
      .openapi({ description: 'False while it goes on behind the answer; true for a dry run.' }),
  })
  .openapi('BulkOutcome', {
    example: {
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      matched: 12,
      changed: 10,
      unchanged: 1,
      refused: [{ code: 'trashed', reason: null, count: 1 }],
      done: true,
    },
  })
export type BulkOutcome = z.output<typeof BulkOutcome>
