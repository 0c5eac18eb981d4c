import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { insertIfFree } from '../db/portable.ts'
import { compile, everyColumn, query, value, write } from '../db/statement.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { settings } = t
  return {
    find: query<{ value: string }>(
      q
        .select({ value: settings.value })
        .from(settings)
        .where(eq(settings.name, value(settings.name, 'name'))),
    ),
    keep: compile(
      insertIfFree(dialect, q.insert(settings).values(everyColumn(settings)), {
        name: settings.name,
      }),
    ),
  }
})

const settingOf = async (db: Database, name: string): Promise<string | undefined> =>
  (await db.one(statements(db).find, { name }))?.value

/**
 * What all processes on this database agree on under `name`: the first that is proposed, for ever.
 */
export const fixedSetting = async (
  db: Database,
  name: string,
  propose: () => string,
): Promise<string> => {
  const known = await settingOf(db, name)
  if (known !== undefined) return known
  await db.atomic([write(statements(db).keep, { name, value: propose() })])
  const kept = await settingOf(db, name)
  if (kept === undefined) throw new Error(`the database did not keep the setting ${name}`)
  return kept
}
