import { dateFault, Id, Instant, TimeZone } from '../../core/schemas.ts'
import { isDate, isDateTimeOrMinute, withSeconds } from '../../core/wall-clock.ts'
import { component, z } from '../../core/zod.ts'
import { LabelName } from '../labels/index.ts'
import { Extra, ExtraPatch, extraDocument } from './extra.ts'
import type { Field, InputField, ServiceField } from './fields.ts'
import { known } from './known-schemas.ts'
import { Description, Title } from './texts.ts'
import { inputAbout, Kind, timeOf, WallTime } from './wall-time.ts'

export const statuses = ['pending', 'in_progress', 'completed', 'cancelled'] as const
export type Status = (typeof statuses)[number]
/** In ascending order, as they are sorted. */
export const priorities = ['none', 'low', 'medium', 'high', 'urgent'] as const
export const TaskStatus = component('TaskStatus', z.enum(statuses), {
  description: '`completed` and `cancelled` are done, the others are open.',
})
export const TaskPriority = component('TaskPriority', z.enum(priorities))

const date = z
  .string()
  .superRefine((given, context) => {
    if (isDate(given)) return
    const form = 'A date is YYYY-MM-DD, exists, and lies between the years 1000 and 9998.'
    context.addIssue(dateFault(given, 'date', form))
  })
  .openapi({ format: 'date', example: '2026-12-01' })
const datetime = z
  .string()
  .superRefine((given, context) => {
    if (isDateTimeOrMinute(given)) return
    const form =
      'A date and time is YYYY-MM-DDThh:mm:ss without an offset, exists, and lies between the years 1000 and 9998.'
    context.addIssue(dateFault(given, 'datetime', form))
  })
  .transform(withSeconds)
  .openapi({
    type: 'string',
    example: '2026-12-01T09:00:00',
    description: '`YYYY-MM-DDThh:mm:ss`. A request may leave the seconds out.',
  })

export const DATE_WITH_ZONE = 'A date has no time_zone; use datetime.'
/** A kind need not be named; one that the fields are not of is refused. */
const kindOf = (kind: Kind) =>
  z.literal(kind, { error: `With these fields the kind is ${kind}.` }).optional()
const day = z.strictObject(
  { kind: kindOf('day'), date },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' && keys.includes('time_zone') ? DATE_WITH_ZONE : undefined,
  },
)

/** All day, floating or zoned. */
export const WallTimeInput = component(
  'WallTimeInput',
  z
    .union(
      [
        day,
        z.strictObject({ kind: kindOf('zoned'), datetime, time_zone: TimeZone }),
        z.strictObject({ kind: kindOf('floating'), datetime }),
      ],
      { error: 'This takes {"date"}, {"datetime"} or {"datetime", "time_zone"}.' },
    )
    .transform(timeOf),
  inputAbout,
)

export const MAX_LABELS = 50
const labels = z
  .array(LabelName)
  .max(MAX_LABELS)
  .transform((names) => [...new Set(names)].sort())
  .openapi({ description: 'Names. Those that do not exist yet are made.', example: ['errand'] })

const fields = {
  project_id: Id,
  parent_id: Id.nullable().openapi({
    description: 'The task that this is a part of, in the same project; at most ten levels.',
  }),
  title: Title,
  description: Description,
  status: TaskStatus,
  priority: TaskPriority,
  start: WallTimeInput.nullable(),
  due: WallTimeInput.nullable(),
  labels,
  extra: Extra,
} satisfies Record<InputField, z.ZodType>

/** Sent as it is, it works for everybody: it names nothing that would have to be there. */
const example = {
  title: 'Sweep the chimney',
  description: 'Ask for the *certificate*.',
  priority: 'high' as const,
  due: { date: '2026-12-01' },
  labels: ['house'],
}

export const Task = z
  .object({
    id: Id,
    project_id: Id,
    parent_id: Id.nullable(),
    title: z.string(),
    description: z.string(),
    status: fields.status,
    priority: fields.priority,
    start: WallTime.nullable(),
    due: WallTime.nullable(),
    labels: z.array(z.string()),
    extra: z.record(z.string(), z.string()).openapi(extraDocument),
    position: z.string().openapi({
      description:
        'Where it stands in its project: a fractional index key, compared byte by byte. `move` changes it.',
    }),
    created_by: Id,
    created_at: Instant,
    updated_at: Instant,
    completed_at: Instant.nullable(),
    deleted_at: Instant.nullable().openapi({ description: 'Since when it is in the trash.' }),
    rev: Id,
  } satisfies Record<Field, z.ZodType>)
  .openapi('Task', {
    example: {
      id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
      project_id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      ...example,
      due: { kind: 'day', ...example.due },
      parent_id: null,
      status: 'pending',
      start: null,
      extra: {},
      position: 'j2kXy0a1B00',
      created_by: '0199c2f4-0000-7000-8000-000000000001',
      created_at: '2026-11-23T09:00:00.000Z',
      updated_at: '2026-11-23T09:00:00.000Z',
      completed_at: null,
      deleted_at: null,
      rev: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1b',
    },
  })
export type Task = z.infer<typeof Task>

/** What a new task has where its request names nothing. */
export const taskDefaults = {
  parent_id: null,
  description: '',
  status: 'pending',
  priority: 'none',
  start: null,
  due: null,
  labels: [] as string[],
  extra: {} as Readonly<Record<string, string>>,
} as const

const input = {
  project_id: fields.project_id
    .optional()
    .openapi({ description: "Without it: the parent's project, or the inbox." }),
  parent_id: fields.parent_id.default(taskDefaults.parent_id),
  title: fields.title,
  description: fields.description.default(taskDefaults.description),
  status: fields.status.default(taskDefaults.status),
  priority: fields.priority.default(taskDefaults.priority),
  start: fields.start.default(taskDefaults.start),
  due: fields.due.default(taskDefaults.due),
  labels: fields.labels.default(taskDefaults.labels),
  extra: fields.extra.default(taskDefaults.extra),
} satisfies Record<InputField, z.ZodType>
export const NewTask = z.strictObject({ ...input, ...known }).openapi('NewTask', { example })
export type NewTask = z.output<typeof NewTask>

/** What a PUT may repeat but not change: GET, edit, PUT works. */
export const readOnly = {
  id: z.unknown(),
  position: z.unknown(),
  created_by: z.unknown(),
  created_at: z.unknown(),
  updated_at: z.unknown(),
  completed_at: z.unknown(),
  deleted_at: z.unknown(),
  rev: z.unknown(),
} satisfies Record<ServiceField, z.ZodUnknown>

export const TaskReplacement = z
  .strictObject({
    ...input,
    ...Object.fromEntries(
      Object.entries(readOnly).map(([name, schema]) => [
        name,
        schema.optional().openapi({ description: 'Read only: the present value, if given.' }),
      ]),
    ),
  })
  .openapi('TaskReplacement', { example })
export type TaskReplacement = Omit<NewTask, keyof typeof known> &
  Partial<Record<keyof typeof readOnly, unknown>>

/**
 * A patch of a wall time: merged into what is there (RFC 7396); another kind of time takes its
 * place.
 */
const WallTimePatch = component(
  'WallTimePatch',
  z
    .strictObject({
      kind: Kind,
      date: date.nullable(),
      datetime: datetime.nullable(),
      time_zone: TimeZone.nullable(),
    })
    .partial(),
  {
    description:
      'What it does not name stays; another kind of time takes the place of what was there.',
    example: { date: '2026-12-01' },
  },
)
export type WallTimePatch = z.output<typeof WallTimePatch>

export const TaskPatch = z
  .strictObject({
    ...fields,
    start: WallTimePatch.nullable(),
    due: WallTimePatch.nullable(),
    extra: ExtraPatch,
  })
  .partial()
  .openapi('TaskPatch', {
    description: 'A merge patch (RFC 7396): what it does not name stays.',
    example: { priority: 'urgent', due: { date: '2026-12-02' } },
  })
export type TaskPatch = z.output<typeof TaskPatch>
