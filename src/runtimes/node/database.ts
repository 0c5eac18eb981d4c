import type { Database } from '../../db/database.ts'
import { type Migration, NewerDatabase } from '../../db/migrate.ts'
import { openFile } from '../../db/open/file.ts'
import { readMigrations } from './migrations.ts'
import type { Place } from './place.ts'
import { Refusal, wordOf } from './refusal.ts'

/** An open database that has had every migration. */
export type Opened = {
  readonly db: Database
  readonly migrations: readonly Migration[]
  /** The tags of the migrations that this opening applied. */
  readonly applied: readonly string[]
  readonly engine: string
}

/** Opens the database at a place and brings it up to date. Throws Refusal. */
export const openDatabase = async ({ path, variable }: Pick<Place, 'path' | 'variable'>): Promise<Opened> => {
  const migrations = readMigrations('sqlite')
  let db: Database | undefined
  try {
    db = openFile(path)
    return { db, migrations, applied: await db.migrate(migrations), engine: 'libSQL file' }
  } catch (error) {
    await db?.close()
    const reason = error instanceof NewerDatabase ? error.message : wordOf(error)
    throw new Refusal(
      `${variable} leads to ${path}, which cannot be used as the database (${reason}): correct ${variable}, or put that file right`,
    )
  }
}
