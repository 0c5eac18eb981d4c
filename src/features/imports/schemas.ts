import { Id, Instant } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'
import { formats } from './formats/index.ts'

const statuses = ['receiving', 'reading', 'writing', 'done', 'failed', 'cancelled'] as const
export type ImportStatus = (typeof statuses)[number]

export const ImportFormat = component('ImportFormat', z.enum(formats))

const count = (description: string) => z.int().openapi({ description })

const counts = {
  rows: count('Tasks that were found in the file, with their finished occurrences.'),
  created: count('Tasks that were made.'),
  unchanged: count('Tasks that were here already; they stay as they are.'),
  refused: count('Rows that became nothing. The report says why.'),
  projects: count('Projects that were made.'),
  labels: count('Labels that were made.'),
  notes: count('Lines of the report.'),
  notes_left_off: count('Lines that the report has no room for.'),
}
export type Counts = Record<keyof typeof counts, number>
export const noCounts: Counts = {
  rows: 0,
  created: 0,
  unchanged: 0,
  refused: 0,
  projects: 0,
  labels: 0,
  notes: 0,
  notes_left_off: 0,
}

const example = {
  id: '0199c2f4-7c4d-7e5f-a061-7c8d9e0f1a2b',
  status: 'done' as const,
  format: 'ics' as const,
  dry_run: false,
  progress: { done: 3, total: 3 },
  counts: { ...noCounts, rows: 3, created: 3, labels: 1, notes: 2 },
  error: null,
  created_at: '2026-12-01T09:00:00.000Z',
  finished_at: '2026-12-01T09:00:02.000Z',
}

export const Import = z
  .object({
    id: Id,
    status: component('ImportStatus', z.enum(statuses), {
      description:
        '`receiving` while the file arrives, `reading` and `writing` while it is worked on; the others are final.',
    }),
    format: ImportFormat,
    dry_run: z.boolean().openapi({ description: 'Whether nothing is changed.' }),
    progress: z.object({ done: z.int(), total: z.int() }).openapi('ImportProgress', {
      description: 'While `reading` pieces of the file, later its rows.',
      example: example.progress,
    }),
    counts: z.object(counts).openapi('ImportCounts', { example: example.counts }),
    error: z
      .string()
      .nullable()
      .openapi({ description: 'Why it failed. What the counts say was made all the same.' }),
    created_at: Instant,
    finished_at: Instant.nullable(),
  })
  .openapi('Import', { example })
export type Import = z.infer<typeof Import>

export const ImportNote = z
  .object({
    row: z.int().openapi({
      description:
        'The line, row, component or element of the file, from 1; 0 for the file as a whole.',
    }),
    title: z.string(),
    field: z
      .string()
      .openapi({ description: 'Its field, column or property; empty for all of it.' }),
    code: z.string().openapi({ description: 'Stable; what programs look at.' }),
    detail: z.string(),
  })
  .openapi('ImportNote', {
    description: 'What could not be kept as it was, and why.',
    example: {
      row: 31,
      title: 'Call the plumber',
      field: 'DUE',
      code: 'unknown_zone',
      detail: 'CST is no time zone here: the time is floating.',
    },
  })
export type ImportNote = z.infer<typeof ImportNote>

/** What is read of a file is checked row by row, and never refused as a whole. */
export const ImportDocument = z.looseObject({}).openapi('ImportDocument', {
  description: 'An export of Taskport. One of Taskwarrior is an array.',
  example: {
    format: 'taskport',
    version: 1,
    tasks: [{ id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a', title: 'Sweep the chimney' }],
    end: { tasks: 1, projects: 0, labels: 0 },
  },
})
export const ImportBytes = z.string().openapi('ImportBytes', {
  format: 'binary',
  description: 'A file, byte by byte.',
  example: '(A) 2026-11-01 Call Mum +Family @phone due:2026-12-01',
})
export const ImportText = z.string().openapi('ImportText', {
  description: 'The text of a file.',
  example: '(A) 2026-11-01 Call Mum +Family @phone due:2026-12-01',
})
