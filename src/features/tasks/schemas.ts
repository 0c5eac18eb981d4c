import { date, Id, Instant } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'
import { LabelName } from '../labels/index.ts'
import { Extra, ExtraPatch, extraDocument } from './extra.ts'
import type { Field, InputField, ServiceField } from './fields.ts'
import { known } from './known-schemas.ts'
import { Recurrence, RecurrenceInput, RecurrencePatch } from './recurrence/schemas.ts'
import { BlockerIds, EstimateMinutes, ExternalId, Progress, TaskUrl } from './structure-schemas.ts'
import { Description, Title } from './texts.ts'
import { WallTime } from './wall-time.ts'
import { WallTimeInput, WallTimePatch } from './wall-time-input.ts'

export const statuses = ['pending', 'in_progress', 'completed', 'cancelled'] as const
export type Status = (typeof statuses)[number]
/** In ascending order, as they are sorted. */
export const priorities = ['none', 'low', 'medium', 'high', 'urgent'] as const
export const TaskStatus = component('TaskStatus', z.enum(statuses), {
  description: '`completed` and `cancelled` are done, the others are open.',
})
export const TaskPriority = component('TaskPriority', z.enum(priorities))

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
  deadline: date.nullable().openapi({
    description: 'The day by which it has to be done. Nothing happens on it, as on `due`.',
  }),
  estimate_minutes: EstimateMinutes.nullable(),
  url: TaskUrl.nullable(),
  external_id: ExternalId.nullable(),
  blocked_by: BlockerIds,
  recurrence: RecurrenceInput.nullable(),
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
    deadline: z.string().nullable().openapi({ format: 'date' }),
    estimate_minutes: z.int().nullable(),
    url: z.string().nullable(),
    external_id: z.string().nullable(),
    blocked_by: z.array(Id).openapi({ description: 'The ids of the tasks that it waits for.' }),
    recurrence: Recurrence.nullable(),
    occurrence: WallTime.nullable().openapi({
      description:
        'Of a recurring task: the slot of its rule that the present due stands for (RFC 5545, RECURRENCE-ID). It stays where the due is postponed.',
    }),
    labels: z.array(z.string()),
    extra: z.record(z.string(), z.string()).openapi(extraDocument),
    blocked: z
      .boolean()
      .openapi({ description: 'Is a task of `blocked_by` open, and not in the trash?' }),
    progress: Progress,
    comment_count: z.int(),
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
      deadline: '2026-12-24',
      estimate_minutes: 45,
      url: null,
      external_id: null,
      blocked_by: [],
      recurrence: null,
      occurrence: null,
      extra: {},
      blocked: false,
      progress: { completed: 1, total: 3 },
      comment_count: 0,
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
  deadline: null,
  estimate_minutes: null,
  url: null,
  external_id: null,
  blocked_by: [] as string[],
  recurrence: null,
  labels: [] as string[],
  extra: {} as Readonly<Record<string, string>>,
} as const

/** What every new task has. */
export const newTaskState = {
  occurrence: null,
  blocked: false,
  progress: null,
  comment_count: 0,
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
  deadline: fields.deadline.default(taskDefaults.deadline),
  estimate_minutes: fields.estimate_minutes.default(taskDefaults.estimate_minutes),
  url: fields.url.default(taskDefaults.url),
  external_id: fields.external_id.default(taskDefaults.external_id),
  blocked_by: fields.blocked_by.default(taskDefaults.blocked_by),
  recurrence: fields.recurrence.default(taskDefaults.recurrence),
  labels: fields.labels.default(taskDefaults.labels),
  extra: fields.extra.default(taskDefaults.extra),
} satisfies Record<InputField, z.ZodType>
export const NewTask = z.strictObject({ ...input, ...known }).openapi('NewTask', { example })
export type NewTask = z.output<typeof NewTask>

/** What a PUT may repeat but not change: GET, edit, PUT works. */
export const readOnly = {
  id: z.unknown(),
  occurrence: WallTimeInput.nullable(),
  blocked: z.unknown(),
  progress: z.unknown(),
  comment_count: z.unknown(),
  position: z.unknown(),
  created_by: z.unknown(),
  created_at: z.unknown(),
  updated_at: z.unknown(),
  completed_at: z.unknown(),
  deleted_at: z.unknown(),
  rev: z.unknown(),
} satisfies Record<ServiceField, z.ZodType>

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

export const TaskPatch = z
  .strictObject({
    ...fields,
    start: WallTimePatch.nullable(),
    due: WallTimePatch.nullable(),
    recurrence: RecurrencePatch.nullable(),
    extra: ExtraPatch,
  })
  .partial()
  .openapi('TaskPatch', {
    description: 'A merge patch (RFC 7396): what it does not name stays.',
    example: { priority: 'urgent', due: { date: '2026-12-02' } },
  })
export type TaskPatch = z.output<typeof TaskPatch>
