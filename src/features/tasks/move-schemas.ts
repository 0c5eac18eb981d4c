import { Id } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'

export const TaskMove = z
  .strictObject({
    project_id: Id.optional().openapi({
      description: 'Without it: where it is, or where the new parent is.',
    }),
    parent_id: Id.nullable()
      .optional()
      .openapi({ description: 'null takes it out of its parent.' }),
    before: Id.optional().openapi({
      description: 'The task of the same project that it will stand before.',
    }),
    after: Id.optional().openapi({
      description:
        'The task of the same project that it will stand after. With neither: at the end.',
    }),
  })
  .refine(({ before, after }) => before === undefined || after === undefined, {
    error: 'Name a task to stand before or after, not both.',
    path: ['after'],
    params: { code: 'ambiguous' },
  })
  .openapi('TaskMove', { example: { parent_id: null } })
export type TaskMove = z.output<typeof TaskMove>
