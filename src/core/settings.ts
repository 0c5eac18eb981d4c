import { and, eq, gte, lt } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { insertIfFree, insertOrReplace } from '../db/portable.ts'
import { compile, everyColumn, query, value, type Write, write } from '../db/statement.ts'

type Setting = { readonly name: string; readonly value: string }

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
    set: compile(
      insertOrReplace(dialect, q.insert(settings).values(everyColumn(settings)), [settings.name], {
        value: settings.value,
      }),
    ),
    between: query<Setting>(
      q
        .select({ name: settings.name, value: settings.value })
        .from(settings)
        .where(
          and(
            gte(settings.name, value(settings.name, 'from')),
            lt(settings.name, value(settings.name, 'to')),
          ),
        ),
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

/** The settings below `name`, by their names without it. */
export const settingsBelow = async (
  db: Database,
  name: string,
): Promise<ReadonlyMap<string, string>> => {
  const found = await db.all(statements(db).between, { from: `${name}/`, to: `${name}0` })
  return new Map(found.map((setting) => [setting.name.slice(name.length + 1), setting.value]))
}

/** The write that changes a setting below `name`, or makes it. */
export const setSettingBelow = (db: Database, name: string, own: string, value: string): Write =>
  write(statements(db).set, { name: `${name}/${own}`, value })
