// The mark of an unfinished copy. It is a row of the target's settings, from before the first row
// is written until all are verified.
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

/** The fingerprint of the source of an unfinished copy. Undefined if `db` is none. */
export const markOf = async (db: Database): Promise<string | undefined> =>
  (await db.one(statements(db).find, { name: MARK }))?.value

/**
 * Whether `db`, which has to be migrated, has only a part of another database. It must not be
 * served then.
 */
export const isUnfinishedCopy = async (db: Database): Promise<boolean> =>
  (await markOf(db)) !== undefined

/** Marks `db`. Rejects if another process has marked it. */
export const setMark = async (db: Database, fingerprint: string): Promise<void> => {
  await db.atomic([write(statements(db).set, { name: MARK, value: fingerprint })])
}

export const clearMark = async (db: Database): Promise<void> => {
  await db.atomic([write(statements(db).clear, { name: MARK })])
}
