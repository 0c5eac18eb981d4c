// The document that an export is: version 1. A change that takes something away, or gives it another
// meaning, makes another version, which imports take besides (docs/export-import.md).
import { Id, Instant } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { Label } from '../labels/index.ts'
import { Project } from '../projects/index.ts'
import { Task } from '../tasks/index.ts'

export const VERSION = 1

/** What another account cannot have: who made it, and the revision. */
export const ExportedTask = Task.omit({ created_by: true, rev: true })
  .extend({
    project_id: Id.nullable().openapi({ description: 'Null: in the inbox.' }),
  })
  .openapi('ExportedTask')
export type ExportedTask = z.infer<typeof ExportedTask>

export const ExportedProject = Project.omit({ inbox: true, rev: true }).openapi('ExportedProject')
export type ExportedProject = z.infer<typeof ExportedProject>
export const ExportedLabel = Label.omit({ id: true, rev: true }).openapi('ExportedLabel')
export type ExportedLabel = z.infer<typeof ExportedLabel>

const Settings = z
  .object({ name: z.string(), time_zone: z.string() })
  .openapi('ExportedSettings', { description: 'What PATCH /me sets.' })
const Inbox = z
  .object({
    name: z.string(),
    color: z.string().nullable(),
    position: z.string(),
    updated_at: Instant,
  })
  .openapi('ExportedInbox')
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
  })
export type ExportDocument = z.infer<typeof ExportDocument>
