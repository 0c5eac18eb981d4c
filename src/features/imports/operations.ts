import { withScope } from '../../core/access.ts'
import { invalid } from '../../core/errors.ts'
import { defineOperation } from '../../core/operation.ts'
import { line, pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { beginImport } from './begin.ts'
import { cancelImport } from './cancel.ts'
import {
  Import,
  ImportBytes,
  ImportDocument,
  ImportFormat,
  ImportNote,
  ImportText,
} from './schemas.ts'
import { getImport, getReport, listImports } from './show.ts'

const read = withScope('data:read')
const write = withScope('data:write')

const MAX_FILE = 20 * 1024 * 1024

export const importOperations = [
  defineOperation({
    id: 'beginImport',
    summary: 'Import a file',
    description:
      'Takes the file as the body, or as the first file of a form (multipart/form-data), up to 20 MiB. It is worked on behind the answer: read the import until its status is final, then its report. A second import of the same file changes nothing. A user has one import at a time.',
    access: write,
    query: z.strictObject({
      format: ImportFormat.optional().openapi({
        description: 'Without it, how the file begins has to tell for certain.',
      }),
      dry_run: z
        .enum(['true', 'false'])
        .transform((given) => given === 'true')
        .optional()
        .openapi({
          type: 'boolean',
          description:
            'Whether nothing is made; the report says what would be, but for what belongs to tasks, which is not tried.',
        }),
      project: line(1, 120).optional().openapi({
        description:
          'The project of tasks that name none, which is made where it is missing. Without it: the inbox, and for a file of Todoist the project of the name of the file.',
      }),
    }),
    upload: {
      max: MAX_FILE,
      media: {
        'application/json': ImportDocument,
        'text/calendar': ImportText,
        'text/csv': ImportText,
        'text/plain': ImportText,
        'application/octet-stream': ImportBytes,
      },
    },
    output: { description: 'The import, which has begun.', schema: Import },
    refuses: ['import_running', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { query: { format, dry_run: dryRun = false, project }, upload }) => {
      if (!upload)
        throw invalid({
          at: ['file'],
          code: 'required',
          detail: 'This takes a file, which has to be sent as a request body.',
        })
      return beginImport(ctx, { upload, format, dryRun, project })
    },
  }),
  defineOperation({
    id: 'listImports',
    summary: 'List imports',
    description: 'Newest first; the last 20 are kept.',
    access: read,
    query: z.strictObject(pageQuery),
    output: { description: 'A page of imports.', schema: pageSchema('ImportPage', Import) },
    run: (ctx, { query }) => listImports(ctx, query),
  }),
  defineOperation({
    id: 'getImport',
    summary: 'Read an import',
    description: 'How far it is, and what it has made.',
    access: read,
    takesId: true,
    output: { description: 'The import.', schema: Import },
    run: (ctx, { id }) => getImport(ctx, id),
  }),
  defineOperation({
    id: 'listImportNotes',
    summary: 'Read the report of an import',
    description: 'A line for each thing that could not be kept as it was in the file.',
    access: read,
    takesId: true,
    query: z.strictObject(pageQuery),
    output: {
      description: 'A page of the report.',
      schema: pageSchema('ImportReportPage', ImportNote),
    },
    run: (ctx, { id, query }) => getReport(ctx, id, query),
  }),
  defineOperation({
    id: 'cancelImport',
    summary: 'Cancel an import',
    description: 'What it has made until then stays. One that is over stays as it is.',
    access: write,
    takesId: true,
    output: { description: 'The import, which is over.', schema: Import },
    refuses: ['write_conflict'],
    run: (ctx, { id }) => cancelImport(ctx, id),
  }),
] as const
