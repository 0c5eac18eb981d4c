import { NewId } from '../../core/client-ids.ts'
import { isPosition } from '../../core/position.ts'
import { Color, Id, Instant, line } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'

const Position = z
  .string()
  .refine(isPosition, {
    error: 'A position is a fractional index key; take it from a place between two others.',
    params: { code: 'malformed' },
  })
  .openapi({
    example: 'j2kXy0a1B00',
    description: 'Where it stands among the others: a fractional index key, compared byte by byte.',
  })

export const Project = z
  .object({
    id: Id,
    name: z.string(),
    color: z.string().nullable(),
    archived: z.boolean(),
    position: z.string(),
    inbox: z.boolean().openapi({
      description:
        'Every user has one inbox. It takes the tasks that name no project, and cannot be deleted.',
    }),
    created_at: Instant,
    updated_at: Instant,
    rev: Id,
  })
  .openapi('Project', {
    example: {
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      name: 'House',
      color: '#2f6feb',
      archived: false,
      position: 'j2kXy0a1B00',
      inbox: false,
      created_at: '2026-12-01T09:00:00.000Z',
      updated_at: '2026-12-01T09:00:00.000Z',
      rev: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e10',
    },
  })
export type Project = z.infer<typeof Project>

const fields = { name: line(1, 120), color: Color, archived: z.boolean() }

/** What a new project has where its request names nothing. */
export const projectDefaults = { color: null, archived: false } as const

export const NewProject = z
  .strictObject({
    id: NewId.optional(),
    name: fields.name,
    color: fields.color.default(projectDefaults.color),
    archived: fields.archived.default(projectDefaults.archived),
  })
  .openapi('NewProject', { example: { name: 'House', color: '#2f6feb' } })
export type NewProject = z.output<typeof NewProject>

export const ProjectPatch = z
  .strictObject({ ...fields, position: Position })
  .partial()
  .openapi('ProjectPatch', { example: { name: 'House and garden' } })
export type ProjectPatch = z.output<typeof ProjectPatch>
