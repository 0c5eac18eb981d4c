import { withScope } from '../../core/access.ts'
import { type Download, defineOperation } from '../../core/operation.ts'
import { z } from '../../core/zod.ts'
import { exportAll, formats } from './export.ts'
import { ExportDocument } from './schemas.ts'

export const exportOperations = [
  defineOperation({
    id: 'exportAll',
    summary: 'Export everything',
    description:
      'All that the caller has, in one file. `json`: a document that an import takes back. `ics`: a calendar of tasks (RFC 5545), `csv`: a table of them; both without the trash. What is changed meanwhile is in it as it was before or after.',
    access: withScope('data:read'),
    query: z.strictObject({
      format: z.enum(formats).default('json').openapi({ description: 'The kind of file.' }),
    }),
    output: {
      description: 'The file.',
      schema: z.custom<Download>(),
      media: {
        'application/json': ExportDocument,
        'text/calendar': z.string(),
        'text/csv': z.string(),
      },
    },
    noStore: true,
    run: (ctx, { query: { format } }) => exportAll(ctx, format),
  }),
] as const
