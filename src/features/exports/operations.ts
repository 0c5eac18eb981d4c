import { withScope } from '../../core/access.ts'
import { type Download, defineOperation } from '../../core/operation.ts'
import { z } from '../../core/zod.ts'
import { exportAll } from './export.ts'
import { CalendarFile, ExportDocument, ExportFormat, TableFile } from './schemas.ts'

export const exportOperations = [
  defineOperation({
    id: 'exportAll',
    summary: 'Export everything',
    description:
      'All that the caller has, in one file. `json`: a document that an import takes back. `ics`: a calendar of tasks (RFC 5545), `csv`: a table of them; both without the trash. What is changed meanwhile is in it as it was before or after.',
    access: withScope('data:read'),
    query: z.strictObject({
      format: ExportFormat.optional().openapi({
        description: 'The kind of file; without it `json`.',
      }),
    }),
    output: {
      description: 'The file.',
      schema: z.custom<Download>(),
      media: {
        'application/json': ExportDocument,
        'text/calendar': CalendarFile,
        'text/csv': TableFile,
      },
    },
    noStore: true,
    run: (ctx, { query: { format = 'json' } }) => exportAll(ctx, format),
  }),
] as const
