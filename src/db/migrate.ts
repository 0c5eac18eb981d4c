/** One migration of one dialect: its tag orders it and names it in the ledger. */
export type Migration = { readonly tag: string; readonly statements: readonly string[] }

/** The ledger: which migrations this database has had. */
export const createLedger = (tagType: 'text' | 'varchar(191)'): string =>
  `create table if not exists migrations (tag ${tagType} primary key)`
export const readLedger = 'select tag from migrations order by tag'

/** A file of drizzle-kit's as a migration. */
export const parseMigration = (file: string, text: string): Migration => ({
  tag: file.replace(/\.sql$/, ''),
  statements: text
    .split('--> statement-breakpoint')
    .map((s) => s.trim())
    .filter((s) => s !== ''),
})

/** Thrown when a database has had migrations that this version does not know: running on it could lose data. */
export class NewerDatabase extends Error {
  constructor(unknown: readonly string[]) {
    super(
      `the database was migrated by a newer version of Taskport (${unknown.join(', ')}); run that version, or restore a copy made before it`,
    )
  }
}

/** The migrations that are still to apply, in order. Throws NewerDatabase when the ledger names one that is not ours. */
export const pending = (all: readonly Migration[], done: readonly string[]): Migration[] => {
  const ours = new Set(all.map((m) => m.tag))
  const unknown = done.filter((tag) => !ours.has(tag))
  if (unknown.length > 0) throw new NewerDatabase(unknown)
  const had = new Set(done)
  return all.filter((m) => !had.has(m.tag))
}
