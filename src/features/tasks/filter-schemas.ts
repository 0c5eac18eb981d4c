// The query of a list of tasks.
import { composed, dateFault, GivenInstant, Id, instantIn, line, text } from '../../core/schemas.ts'
import { isDate } from '../../core/wall-clock.ts'
import { component, z } from '../../core/zod.ts'
import { MAX_LABEL } from '../labels/index.ts'
import { TaskPriority, TaskStatus } from './schemas.ts'
import { MAX_EXTERNAL_ID } from './structure-schemas.ts'

/** A date, or an instant in milliseconds. */
export type Bound = { readonly date: string } | { readonly ms: number }
const bound = z.string().transform((given, context): Bound => {
  if (isDate(given)) return { date: given }
  const ms = instantIn(given)
  if (ms !== undefined) return { ms }
  const form = 'This takes a date (YYYY-MM-DD) or an instant (RFC 3339).'
  context.addIssue(dateFault(given, 'bound', form))
  return z.NEVER
})
const day = z
  .string()
  .refine((given) => isDate(given), {
    error: 'This takes a date (YYYY-MM-DD).',
    params: { code: 'date' },
  })
  .optional()
/** A boolean of a query. */
export const flag = z.enum(['true', 'false']).transform((given) => given === 'true')
/** D1 takes a hundred parameters in a statement: five such lists and the rest have to fit. */
const MAX_CHOICES = 16
const any = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .min(1)
    .max(MAX_CHOICES)
    .transform((given) => [...new Set(given)])
    .optional()

const sorts = [
  'created_at',
  'updated_at',
  'due',
  'deadline',
  'priority',
  'position',
  'title',
] as const
export type Sort = (typeof sorts)[number]
const sortNames = sorts.flatMap((name) => [name, `-${name}`] as const)

/** The filters of a list of tasks; a repeated one means OR. */
export const taskFilters = {
  project_id: any(Id).openapi({ description: 'Repeat it for several.' }),
  status: any(TaskStatus).openapi({ description: 'Repeat it for several.' }),
  priority: any(TaskPriority).openapi({ description: 'Repeat it for several.' }),
  label: any(text(1, MAX_LABEL, composed(MAX_LABEL))).openapi({ description: 'A name.' }),
  parent_id: any(
    z
      .union([
        z.literal('none'),
        z.uuid('This takes none or an id, which is a UUID.').toLowerCase(),
      ])
      .openapi({ type: 'string' }),
  ).openapi({
    description: 'An id, or `none` for tasks without a parent. Repeat it for several.',
  }),
  due_before: bound.optional().openapi({
    type: 'string',
    description:
      "Due before this date (`2026-12-01`) or instant. Times without a zone count in the caller's.",
  }),
  due_after: bound.optional().openapi({
    type: 'string',
    description: 'Due at or after this date or instant (`2026-12-01T00:00:00Z`).',
  }),
  deadline_before: day.openapi({
    format: 'date',
    description: 'With a deadline before this date (`2026-12-01`).',
  }),
  deadline_after: day.openapi({
    format: 'date',
    description: 'With a deadline on this date or after it.',
  }),
  blocked: flag.optional().openapi({
    type: 'boolean',
    description: 'Whether it waits for a task that is open and not in the trash.',
  }),
  external_id: line(1, MAX_EXTERNAL_ID)
    .optional()
    .openapi({ description: 'Of all projects; also the trash, with `deleted`.' }),
  overdue: flag.optional().openapi({
    type: 'boolean',
    description: 'Open and past its due; a day is past only when it is over.',
  }),
  updated_since: GivenInstant.optional().openapi({
    type: 'string',
    format: 'date-time',
    description: 'Changed at or after this instant.',
  }),
  q: text(1, 200).optional().openapi({
    description:
      'Words that title or description contain, all of them. Case, width and characters that cannot be seen do not matter.',
  }),
  deleted: flag
    .default(false)
    .openapi({ type: 'boolean', description: 'The trash instead.', default: false }),
  sort: component('TaskSort', z.enum(sortNames)).default('created_at').openapi({
    description: 'With `-`: descending. Tasks without a due or deadline come last either way.',
  }),
}
const Filters = z.object(taskFilters)
export type TaskFilters = z.output<typeof Filters>
