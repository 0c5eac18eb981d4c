// Which copy of the data this is, for clients that keep one of their own: numbers of changes that a
// restored backup lacks come a second time.
import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { compile, value, write } from '../db/statement.ts'
import { fixedSetting } from './settings.ts'

/** The name of the setting. */
export const GENERATION = 'sync_generation'

const statements = perDialect(({ q, t: { settings } }) =>
  compile(q.delete(settings).where(eq(settings.name, value(settings.name, 'name')))),
)

/** What all processes on this database agree on: what is there, or else `proposed`. */
export const fixGeneration = (db: Database, proposed: () => string): Promise<string> =>
  fixedSetting(db, GENERATION, proposed)

/** Of a database that lacks changes which clients may have seen: all of them start over. */
export const dropGeneration = async (db: Database): Promise<void> => {
  await db.atomic([write(statements(db), { name: GENERATION })])
}
