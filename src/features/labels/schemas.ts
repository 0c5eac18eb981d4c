import { NewId } from '../../core/client-ids.ts'
import { Color, Id, Instant, line } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'

export const MAX_LABEL = 60
export const LabelName = line(1, MAX_LABEL).openapi({
  example: 'errand',
  description: 'Case and accents matter. Stored and compared in NFC.',
})

export const Label = z
  .object({
    id: Id,
    name: z.string(),
    color: z.string().nullable(),
    created_at: Instant,
    updated_at: Instant,
    rev: Id,
  })
  .openapi('Label', {
    example: {
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      name: 'errand',
      color: '#2f6feb',
      created_at: '2026-12-01T09:00:00.000Z',
      updated_at: '2026-12-01T09:00:00.000Z',
      rev: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e10',
    },
  })
export type Label = z.infer<typeof Label>

export const NewLabel = z
  .strictObject({ id: NewId.optional(), name: LabelName, color: Color.default(null) })
  .openapi('NewLabel', { example: { name: 'errand', color: '#2f6feb' } })
export type NewLabel = z.output<typeof NewLabel>

export const LabelPatch = z
  .strictObject({ name: LabelName, color: Color })
  .partial()
  .openapi('LabelPatch', { example: { name: 'errands' } })
export type LabelPatch = z.output<typeof LabelPatch>
