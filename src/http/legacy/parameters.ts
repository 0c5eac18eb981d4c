// The parameters of a list, by each name that the family uses for them.
import type { Schema } from './fields.ts'

type Parameter = {
  readonly names: readonly [string, ...string[]]
  /** As the document shows it. */
  readonly schema: Schema
  readonly description: string
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
/** Of a number of tasks, however many there are. */
export const MOST_WHOLE = 1_000_000_000
const whole = (minimum: number) => ({ type: 'integer', minimum, maximum: MOST_WHOLE }) as const

export const parameters = {
  status: {
    names: ['status', 'filter'],
    schema: text,
    description: '`all`, `pending` (with what is in progress), `in_progress` or `completed`.',
  },
  completed: {
    names: ['completed', 'is_completed'],
    schema: flag,
    description: 'Only those that are completed, or only the others.',
  },
  overdue: {
    names: ['overdue'],
    schema: flag,
    description: 'Only those that are open and past their due, or only the others.',
  },
  priority: {
    names: ['priority'],
    schema: text,
    description: 'One or several, with commas.',
  },
  tags: {
    names: ['tags', 'tag', 'labels', 'label'],
    schema: text,
    description: 'One or several, with commas: tasks with any of them.',
  },
  category: {
    names: ['category'],
    schema: text,
    description: 'Tasks of this one.',
  },
  search: {
    names: ['search', 'q', 'query', 'keyword'],
    schema: { type: 'string', maxLength: 200 },
    description: 'Words that title or description contain.',
  },
  sort: {
    names: ['sort', 'sort_by', 'sortBy', 'order_by', 'orderBy'],
    schema: text,
    description:
      '`created_at`, `updated_at`, `due_date`, `priority`, `title` or `status`; `-` before it or `_desc` behind it turns it around.',
  },
  order: {
    names: ['order', 'sort_order', 'sortOrder', 'direction', 'sort_dir'],
    schema: text,
    description: '`asc` or `desc`.',
  },
  limit: {
    names: ['limit', 'page_size', 'pageSize', 'per_page', 'size'],
    schema: whole(1),
    description: 'Without it and without `page`, everything is answered.',
  },
  offset: {
    names: ['offset', 'skip'],
    schema: whole(0),
    description: 'How many are left out before the first one.',
  },
  page: {
    names: ['page'],
    schema: whole(1),
    description: 'Counted from 1; of 20 tasks each where `limit` says nothing else.',
  },
  envelope: {
    names: ['envelope'],
    schema: text,
    description: '`array` or `tasks`: a bare array, or an object with it and with counts.',
  },
} as const satisfies Readonly<Record<string, Parameter>>

/** Each name as a parameter of the document. */
export const documentedParameters = Object.values<Parameter>(parameters).flatMap(
  ({ names, schema, description }) =>
    names.map((name) => ({
      name,
      in: 'query' as const,
      required: false,
      schema,
      description: name === names[0] ? description : `Another name of \`${names[0]}\`.`,
    })),
)
