// The document that an export is: version 1. A change that takes something away, or gives it another
// meaning, makes another version, which imports take besides (docs/export-import.md).
import { Id, Instant } from '../../core/schemas.ts'
import { component, exampleIn, z } from '../../core/zod.ts'
import { Comment } from '../comments/index.ts'
import { Label } from '../labels/index.ts'
import { Project } from '../projects/index.ts'
import { Reminder } from '../reminders/index.ts'
import { Task, TaskOccurrence } from '../tasks/index.ts'

export const VERSION = 1

export const formats = ['json', 'ics', 'csv'] as const
export type Format = (typeof formats)[number]
export const ExportFormat = component('ExportFormat', z.enum(formats))

/** The example of a schema without these fields. */
const exampleWithout = (schema: z.ZodType, ...fields: string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(exampleIn(schema) as object).filter(([name]) => !fields.includes(name)),
  )

const task = { ...exampleWithout(Task, 'created_by', 'rev'), recurrence_left: null }
const project = exampleWithout(Project, 'inbox', 'rev')
const label = exampleWithout(Label, 'id', 'rev')
const comment = exampleWithout(Comment, 'created_by', 'rev')
const reminder = exampleWithout(Reminder, 'rev')
const settings = { name: 'Ada', time_zone: 'Europe/Berlin', reminder_time: '09:00' }
const inbox = {
  name: 'Inbox',
  color: null,
  position: 'j2kXy0a1A00',
  updated_at: '2026-11-23T09:00:00.000Z',
}
const end = { tasks: 1, occurrences: 0, reminders: 1, comments: 1, projects: 1, labels: 1 }

/** What another account cannot have: who made it, and the revision. */
export const ExportedTask = Task.omit({ created_by: true, rev: true })
  .extend({
    project_id: Id.nullable().openapi({ description: 'Null: in the inbox.' }),
    recurrence_left: z.int().nullable().openapi({
      description: 'Of a rule with COUNT: how many occurrences come behind the present one.',
    }),
  })
  .openapi('ExportedTask', { example: task })
export type ExportedTask = z.infer<typeof ExportedTask>

export const ExportedProject = Project.omit({ inbox: true, rev: true }).openapi('ExportedProject', {
  example: project,
})
export type ExportedProject = z.infer<typeof ExportedProject>
export const ExportedLabel = Label.omit({ id: true, rev: true }).openapi('ExportedLabel', {
  example: label,
})
export type ExportedLabel = z.infer<typeof ExportedLabel>

const { due, start, done_by: _by, outcome: _outcome, done_at: _at, ...slot } = TaskOccurrence.shape
const ExportedOccurrence = z
  .object({
    id: Id,
    task_id: Id,
    ...slot,
    due,
    start,
    outcome: z.string().openapi({ description: '`completed` or `skipped`.' }),
    done_at: Instant,
    status: Task.shape.status.openapi({ description: 'What undoing it brings back.' }),
    recurrence_left: z.int().nullable(),
    rule: z.string().openapi({ description: 'Of the series that it was of.' }),
    starts: slot.occurrence,
  })
  .openapi('ExportedOccurrence', {
    example: {
      id: '0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2f',
      task_id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
      occurrence: { kind: 'day', date: '2026-11-27' },
      due: { kind: 'day', date: '2026-11-28' },
      start: null,
      outcome: 'completed',
      done_at: '2026-11-28T09:00:00.000Z',
      status: 'pending',
      recurrence_left: null,
      rule: 'FREQ=MONTHLY;BYDAY=-1FR',
      starts: { kind: 'day', date: '2026-11-27' },
    },
  })
export type ExportedOccurrence = z.infer<typeof ExportedOccurrence>
const ExportedComment = Comment.omit({ created_by: true, rev: true }).openapi('ExportedComment', {
  example: comment,
})
export type ExportedComment = z.infer<typeof ExportedComment>
const ExportedReminder = Reminder.omit({ rev: true }).openapi('ExportedReminder', {
  example: reminder,
})

const Settings = z
  .object({ name: z.string(), time_zone: z.string(), reminder_time: z.string() })
  .openapi('ExportedSettings', { description: 'What PATCH /me sets.', example: settings })
const Inbox = z
  .object({
    name: z.string(),
    color: z.string().nullable(),
    position: z.string(),
    updated_at: Instant,
  })
  .openapi('ExportedInbox', { example: inbox })
const End = z
  .object({
    tasks: z.int(),
    occurrences: z.int(),
    reminders: z.int(),
    comments: z.int(),
    projects: z.int(),
    labels: z.int(),
  })
  .openapi('ExportEnd', {
    description: 'How many of each there are. A document without it was cut.',
  })

export const ExportDocument = z
  .object({
    format: z.literal('taskport'),
    version: z.literal(VERSION),
    exported_at: Instant,
    settings: Settings,
    tasks: z
      .array(ExportedTask)
      .openapi({ description: 'In the order of their ids; those in the trash as well.' }),
    occurrences: z.array(ExportedOccurrence).openapi({ description: 'Those that are done.' }),
    reminders: z.array(ExportedReminder).openapi({ description: 'Those of the user.' }),
    comments: z.array(ExportedComment),
    inbox: Inbox,
    projects: z.array(ExportedProject).openapi({ description: 'Without the inbox.' }),
    labels: z.array(ExportedLabel),
    end: End,
  })
  .openapi('ExportDocument', {
    description: 'Everything of one user.',
    example: {
      format: 'taskport',
      version: VERSION,
      exported_at: '2026-12-01T09:00:00.000Z',
      settings,
      tasks: [task],
      occurrences: [],
      reminders: [reminder],
      comments: [comment],
      projects: [project],
      inbox,
      labels: [label],
      end,
    },
  })
export type ExportDocument = z.infer<typeof ExportDocument>

export const CalendarFile = z.string().openapi('CalendarFile', {
  description: 'VTODOs of iCalendar (RFC 5545).',
  example: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n',
})
export const TableFile = z.string().openapi('TableFile', {
  description:
    'CSV (RFC 4180) with a line of names. A cell that a spreadsheet would take for a formula begins with an apostrophe.',
  example: 'id,project,title\r\n',
})
