// Files that users bring, on their way to becoming tasks.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'

/** An import and how far it is. At most one of a user is open at a time. */
export const imports = (k: Kit, users: Users) =>
  k.table(
    'imports',
    {
      id: k.id('id').primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** As `features/imports/schemas.ts` has them. */
      status: k.str('status', 16).notNull(),
      format: k.str('format', 16).notNull(),
      dryRun: k.bool('dry_run').notNull(),
      /** The project of rows that name none; '' for the inbox. */
      project: k.str('project', 120).notNull(),
      /** Whether something is left to do, also after it was cancelled: the pieces are to be deleted. */
      open: k.bool('open').notNull(),
      /** How many steps are done. Each is done once, however many processes try. */
      step: k.int('step').notNull(),
      /** What it has to know between its steps. */
      state: k.json<Record<string, unknown>>('state').notNull(),
      /** What it has done so far. */
      counts: k.json<Record<string, number>>('counts').notNull(),
      /** Why it failed. */
      error: k.str('error', 500),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      finishedAt: k.instant('finished_at'),
    },
    (t) => [
      k.index('imports_user').on(t.userId, t.id),
      k.index('imports_open').on(t.open, t.updatedAt),
    ],
  )

/** Numbered rows of one import. */
const numbered = (k: Kit, users: Users) => ({
  userId: k
    .id('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  importId: k.id('import_id').notNull(),
  number: k.int('number').notNull(),
})

/** The text of the file, in pieces. */
export const importPieces = (k: Kit, users: Users) =>
  k.table('import_pieces', { ...numbered(k, users), text: k.text('text').notNull() }, (t) => [
    k.primaryKey({ columns: [t.userId, t.importId, t.number] }),
  ])

/** What was read of the file: what may become a task, a project, a label. */
export const importRows = (k: Kit, users: Users) =>
  k.table(
    'import_rows',
    {
      ...numbered(k, users),
      /** In this order they are written: what a row names comes before it. */
      level: k.int('level').notNull(),
      /** The number of the row that this one is a part of, or -1. */
      parent: k.int('parent').notNull(),
      /** A JSON object. */
      data: k.text('data').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.userId, t.importId, t.number] }),
      k.index('import_rows_level').on(t.userId, t.importId, t.level, t.number),
    ],
  )

/** The lines of the report. */
export const importNotes = (k: Kit, users: Users) =>
  k.table(
    'import_notes',
    {
      ...numbered(k, users),
      /** A JSON object. */
      data: k.text('data').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.userId, t.importId, t.number] })],
  )
