// What only the request that makes a task may say of what the service keeps otherwise.
import { NewId } from '../../core/client-ids.ts'
import { GivenInstant } from '../../core/schemas.ts'
import type { z } from '../../core/zod.ts'
import type { ServiceField } from './fields.ts'

/** What a client knows of a task that it made, or completed, before it sends it. */
export const known = {
  id: NewId.optional(),
  created_at: GivenInstant.optional().openapi({
    type: 'string',
    format: 'date-time',
    description:
      'When the client made it, in the past. Without it: the time in the `id`, or the present.',
  }),
  completed_at: GivenInstant.optional().openapi({
    type: 'string',
    format: 'date-time',
    description:
      'When it was completed, in the past, and not before `created_at`. Only with the status `completed`.',
  }),
} satisfies Partial<Record<ServiceField, z.ZodType>>
