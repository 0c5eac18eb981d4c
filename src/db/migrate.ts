/** One migration of one dialect. Its tag is its place in the order, and its name in the ledger. */
export type Migration = { readonly tag: string; readonly statements: readonly string[] }

/** The ledger: which migrations this database has had. */
export const createLedger = (tagType: 'text' | 'varchar(191)'): string =>
  `create table if not exists migrations (tag ${tagType} primary key, state varchar(16) not null)`
export const readLedger = 'select tag, state from migrations order by tag'
/**
 * `state` is `done`. On MySQL, which cannot undo DDL, it is `announced` before a migration begins,
 * and `started` while it runs. Every version refuses rows that it does not know, in any state.
 */
export type LedgerRow = { readonly tag: string; readonly state: string }

/**
 * The tag of the last of these migrations. The tags of newer versions sort after it, because they
 * are numbered.
 */
export const lastTag = (migrations: readonly Migration[]): string => migrations.at(-1)?.tag ?? ''
/**
 * Finds a migration after `last` in the ledger: a newer version has migrated this database, or is
 * about to.
 */
export const findNewer = (last: string): string =>
  `select tag from migrations where tag > '${last.replaceAll("'", "''")}' limit 1`

/**
 * Thrown instead of writing when a newer version has migrated the database since this process
 * opened it. Nothing was written.
 */
export class Superseded extends Error {
  readonly code = 'DATABASE_SUPERSEDED'
  constructor() {
    super('a newer version of Taskport has migrated the database: this process no longer writes')
  }
}

/** Parses a file of drizzle-kit. */
export const parseMigration = (file: string, text: string): Migration => ({
  tag: file.replace(/\.sql$/, ''),
  statements: text
    .split('--> statement-breakpoint')
    .map((s) => s.trim())
    .filter((s) => s !== ''),
})

/**
 * Thrown when a database has migrations that this version does not know: to run on it could lose
 * data.
 */
export class NewerDatabase extends Error {
  constructor(unknown: readonly string[]) {
    super(
      `the database was migrated by a newer version of Taskport (${unknown.join(', ')}); run that version, or restore a backup made before it`,
    )
  }
}

/**
 * Thrown when a migration stopped half-way on MySQL, which cannot undo it: the tables are neither
 * old nor new.
 */
export class HalfMigrated extends Error {
  constructor(tags: readonly string[]) {
    super(
      `the migration ${tags.join(', ')} stopped half-way; restore a backup made before it, or finish it by hand and set its state to done`,
    )
  }
  /** Returns the rows if no migration in them stopped half-way. */
  static refuse<R extends LedgerRow>(rows: readonly R[]): readonly R[] {
    const half = rows.filter(({ state }) => state === 'started')
    if (half.length > 0) throw new HalfMigrated(half.map(({ tag }) => tag))
    return rows
  }
}

/** The tags of the migrations that are done. */
const doneIn = (rows: readonly LedgerRow[]): string[] =>
  rows.filter(({ state }) => state === 'done').map(({ tag }) => tag)

/** The migrations that have to be applied, in order. Throws NewerDatabase and HalfMigrated. */
export const pending = (all: readonly Migration[], done: readonly LedgerRow[]): Migration[] => {
  const ours = new Set(all.map((m) => m.tag))
  const unknown = done.filter(({ tag }) => !ours.has(tag)).map(({ tag }) => tag)
  if (unknown.length > 0) throw new NewerDatabase(unknown)
  const had = new Set(doneIn(HalfMigrated.refuse(done)))
  return all.filter((m) => !had.has(m.tag))
}

/**
 * The tags of the migrations that a database lacks, in order; one query. Throws NewerDatabase and
 * HalfMigrated.
 */
export const lacking = async (
  db: { migrated(): Promise<readonly string[]> },
  migrations: readonly Migration[],
): Promise<string[]> => {
  const done = (await db.migrated()).map((tag) => ({ tag, state: 'done' }))
  return pending(migrations, done).map(({ tag }) => tag)
}
