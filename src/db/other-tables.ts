// Tables of another program in the place of those that the first migration makes.
import { getTableName } from 'drizzle-orm'
import { type Database, type Dialect, type DialectName, perDialect } from './database.ts'
import { lacking, type Migration } from './migrate.ts'
import { rawQuery } from './statement.ts'
import { UnsuitableDatabase } from './unsuitable.ts'

/** Where backends of the original's family keep their tasks. */
export const familyTables: readonly string[] = ['tasks', 'task', 'todos', 'todo']
const LEDGER = 'migrations'

/**
 * Thrown instead of migrating a database that has some of these tables already, and was never
 * migrated.
 */
export class OtherTables extends UnsuitableDatabase {
  constructor(found: readonly string[], isFamily: boolean) {
    const [noun, pronoun] = found.length === 1 ? ['the table', 'it'] : ['the tables', 'them']
    const remedy = isFamily
      ? 'name an empty database, and bring the tasks of this one there by npm run import:legacy -- --from and its URL'
      : 'name an empty database'
    super(`it has ${noun} ${found.join(', ')}, and Taskport did not make ${pronoun}: ${remedy}`)
  }
}

type Table = { readonly name: string; readonly tags: unknown }

/** The tables of the schema in which tables are made; `tags`: whether a ledger has its column. */
const listings: Record<DialectName, string> = {
  sqlite: `select name, case when lower(name) = '${LEDGER}' then (select count(*) from pragma_table_info('${LEDGER}') where name = 'tag') else 0 end as tags from sqlite_master where type in ('table', 'view')`,
  postgres:
    "select c.relname::text as name, (select count(*)::int from pg_catalog.pg_attribute as a where a.attrelid = c.oid and a.attname = 'tag') as tags from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind in ('r', 'p', 'v', 'm', 'f')",
  mysql:
    "select t.table_name as name, (select count(*) from information_schema.columns as c where c.table_schema = t.table_schema and c.table_name = t.table_name and c.column_name = 'tag') as tags from information_schema.tables as t where t.table_schema = database()",
}

const statements = perDialect(({ name, t }) => ({
  ours: [LEDGER, ...Object.values(t).map((table) => getTableName(table))],
  tables: rawQuery<Table>(listings[name], ['name', 'tags']),
  ledger: rawQuery<{ tag: string }>(`select tag from ${LEDGER} limit 1`, ['tag']),
}))

/** SQLite ignores the case of names. */
const nameIn = ({ name: dialect }: Dialect, { name }: Table): string =>
  dialect === 'sqlite' ? name.toLowerCase() : name
const isLedger = (dialect: Dialect, table: Table): boolean =>
  nameIn(dialect, table) === LEDGER && Number(table.tags) > 0

/** The tables among these that are in the place of ours. */
const foundAmong = (dialect: Dialect, present: readonly Table[]): string[] => {
  const { ours } = statements({ dialect })
  return present
    .filter((table) => ours.includes(nameIn(dialect, table)) && !isLedger(dialect, table))
    .map(({ name }) => name)
    .sort()
}
const otherTables = (dialect: Dialect, present: readonly Table[]): OtherTables =>
  new OtherTables(
    foundAmong(dialect, present),
    present.some(({ name }) => familyTables.includes(name.toLowerCase())),
  )

type Reading = Pick<Database, 'dialect' | 'all' | 'one'>

/** Throws OtherTables where a database that was never migrated has tables in the place of ours. */
const expectNoOtherTables = async (db: Reading): Promise<void> => {
  const { dialect } = db
  const { tables, ledger } = statements(db)
  const present = await db.all(tables)
  if (foundAmong(dialect, present).length === 0) return
  // Another process may migrate at this moment: its ledger is written with the tables, or before.
  const isKept = present.some((table) => isLedger(dialect, table))
  if (isKept && (await db.one(ledger)) !== undefined) return
  throw otherTables(dialect, present)
}

/** The same on a connection of a file: `read` answers the rows of a statement as arrays. */
export const expectNoOtherTablesIn = (
  dialect: Dialect,
  read: (text: string) => readonly unknown[][],
): void => {
  const { tables, ledger } = statements({ dialect })
  const present = read(tables.text).map((cells) => tables.row(cells))
  if (foundAmong(dialect, present).length === 0) return
  const isKept = present.some((table) => isLedger(dialect, table))
  if (isKept && read(ledger.text).length > 0) return
  throw otherTables(dialect, present)
}

/**
 * The tags of the migrations that a database lacks. Throws OtherTables, and what `lacking` throws.
 */
export const lackingOfOurs = async (
  db: Database,
  migrations: readonly Migration[],
): Promise<string[]> => {
  let missing: string[]
  try {
    missing = await lacking(db, migrations)
  } catch (error) {
    // Other programs have a table `migrations`, too, and no tags in it.
    await expectNoOtherTables(db).catch((other) => {
      throw other instanceof OtherTables ? other : error
    })
    throw error
  }
  if (missing.length > 0 && missing.length === migrations.length) await expectNoOtherTables(db)
  return missing
}
