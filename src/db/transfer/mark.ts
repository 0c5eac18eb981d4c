// The mark of an unfinished copy: a row of the target's settings, there from before the first row
// until all are verified.
import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../database.ts'
import { compile, everyColumn, query, value, write } from '../statement.ts'

/** The name of the settings row. It is never copied. */
export const MARK = 'unfinished_copy'

const statements = perDialect(({ q, t: { settings } }) => ({
  find: query<{ value: string }>(
    q
      .select({ value: settings.value })
      .from(settings)
      .where(eq(settings.name, value(settings.name, 'name'))),
  ),
  set: compile<{ name: string; value: string }>(q.insert(settings).values(everyColumn(settings))),
  clear: compile<{ name: string }>(
    q.delete(settings).where(eq(settings.name, value(settings.name, 'name'))),
  ),
}))

/**
 * The fingerprint of the source whose copy into `db` has not been finished; undefined where there
 * is none.
 */
export const markOf = async (db: Database): Promise<string | undefined> =>
  (await db.one(statements(db).find, { name: MARK }))?.value

/**
 * Does `db`, which must be migrated, hold a part of another database, so that it must not be
 * served?
 */
export const isUnfinishedCopy = async (db: Database): Promise<boolean> =>
  (await markOf(db)) !== undefined

/** Marks `db`. Rejects where another process was faster. */
export const setMark = async (db: Database, fingerprint: string): Promise<void> => {
  await db.atomic([write(statements(db).set, { name: MARK, value: fingerprint })])
}

export const clearMark = async (db: Database): Promise<void> => {
  await db.atomic([write(statements(db).clear, { name: MARK })])
}
