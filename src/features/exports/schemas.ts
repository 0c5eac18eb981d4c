// The document that an export is: version 1. A change that takes something away, or gives it another
// meaning, makes another version, which imports take besides (docs/export-import.md).
import { Id, Instant } from '../../core/schemas.ts'
import { component, exampleIn, z } from '../../core/zod.ts'
import { Label } from '../labels/index.ts'
import { Project } from '../projects/index.ts'
import { Task } from '../tasks/index.ts'

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
const settings = { name: 'Ada', time_zone: 'Europe/Berlin' }
const inbox = {
  name: 'Inbox',
  color: null,
  position: 'j2kXy0a1A00',
  updated_at: '2026-11-23T09:00:00.000Z',
}
const end = { tasks: 1, projects: 1, labels: 1 }

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

const Settings = z
  .object({ name: z.string(), time_zone: z.string() })
  .openapi('ExportedSettings', { description: 'What PATCH /me sets.', example: settings })
const Inbox = z
  .object({
    name: z.string(),
    color: z.string().nullable(),
    position: z.string(),
    updated_at: Instant,
  })
  .openapi('ExportedInbox', { example: inbox })
const End = z.object({ tasks: z.int(), projects: z.int(), labels: z.int() }).openapi('ExportEnd', {
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
