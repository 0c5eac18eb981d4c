// The database of another backend, which is only read: its tables and columns, and rows by the page.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseDatabaseUrl } from '../../src/db/connection-url.ts'
import type { DialectName } from '../../src/db/database.ts'
import { type Connection, openConnection } from '../../src/db/open/file/connection.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { refusalOf } from '../../src/runtimes/node/connection-errors.ts'
import { openServer } from '../../src/runtimes/node/database-server.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { Refusal, wordOf } from '../../src/runtimes/node/refusal.ts'

/** A column: its name, and its type in lower case, as its table declares it. */
export type Column = { readonly name: string; readonly type: string }
export type Table = { readonly name: string; readonly columns: readonly Column[] }
/** A cell as its driver answers it. */
export type Cell = unknown

export type Source = {
  readonly dialect: DialectName
  /** All tables, no views, whose ids may be no keys, in the order of their names. */
  tables(): Promise<Table[]>
  /** Runs a statement, whose placeholders `place` writes. Answers rows as arrays. */
  read(text: string, values?: readonly unknown[]): Promise<Cell[][]>
  close(): Promise<void>
}

/** A name in a statement. */
export const quoted = (dialect: DialectName, name: string): string =>
  dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`

/** The `n`th placeholder of a statement, from 1. */
export const place = (dialect: DialectName, n: number): string =>
  dialect === 'postgres' ? `$${n}` : '?'

/**
 * What is selected of a column. Postgres writes every type as text, and arrays as JSON, so that no
 * driver has to know the types of this database.
 */
export const selected = (dialect: DialectName, { name, type }: Column, of = ''): string => {
  const column = `${of}${quoted(dialect, name)}`
  if (dialect !== 'postgres') return column
  return type === 'array' ? `to_json(${column})::text` : `${column}::text`
}

/** Throws Refusal, in the words of --from. */
export const openSource = async (url: string): Promise<Source> => {
  try {
    const location = parseDatabaseUrl(url)
    return 'kind' in location && location.kind === 'file'
      ? openFileAt(location.path)
      : await openServerAt(url)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.message.replaceAll('DATABASE_URL', '--from'))
  }
}

type Opened = Pick<Source, 'read' | 'close'>

const openFileAt = (given: string): Source => {
  const path = resolve(given)
  if (!existsSync(path)) throw new Refusal(`--from names ${path}, which does not exist`)
  let connection: Connection | undefined
  try {
    // The file stays as it is: no write-ahead log is begun, and none is brought into it at the end.
    const opened = openConnection(`${pathToFileURL(path).href}?mode=ro`)
    connection = opened
    opened.prepare('select count(*) from sqlite_master').raw(true).get([])
    const read: Opened['read'] = async (text, values = []) => {
      const prepared = opened.prepare(text).raw(true)
      // Integers that a number does not hold are told apart by their digits.
      const exact = (
        prepared as typeof prepared & { safeIntegers(on: boolean): typeof prepared }
      ).safeIntegers(true)
      return exact.all(values)
    }
    return sourceOf('sqlite', { read, close: async () => opened.close() })
  } catch (error) {
    connection?.close()
    throw new Refusal(
      `--from leads to ${path}, which cannot be read as a database (${wordOf(error)})`,
    )
  }
}

const openServerAt = async (url: string): Promise<Source> => {
  // DATABASE_AUTH_TOKEN is of the service's own server: another one must not get to know it.
  const target = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
  if (target.kind === 'file') throw new Refusal('DATABASE_URL has no scheme')
  try {
    const db = await openServer(target, {
      poolSize: 1,
      deadline: Number.POSITIVE_INFINITY,
      onlyRead: true,
    })
    const { name } = db.dialect
    const read: Opened['read'] = async (text, values = []) => {
      const query = { ...rawQuery<Cell[]>(text, []), bind: () => [...values], row: same }
      return db.all(query)
    }
    await read('select 1')
    return sourceOf(name, { read, close: () => db.close() })
  } catch (error) {
    throw refusalOf(target, error)
  }
}
const same = (cells: Cell[]): Cell[] => cells

const columnsOf: Record<DialectName, string> = {
  sqlite:
    "select m.name, c.name, lower(c.type) from sqlite_master as m join pragma_table_info(m.name) as c where m.type = 'table' and m.name not like 'sqlite!_%' escape '!' order by m.name, c.cid",
  postgres:
    "select table_name::text, column_name::text, case when data_type = 'USER-DEFINED' then udt_name::text else lower(data_type::text) end from information_schema.columns join information_schema.tables using (table_schema, table_name) where table_type = 'BASE TABLE' and table_schema = current_schema() order by table_name, ordinal_position",
  mysql:
    "select table_name, column_name, lower(column_type) from information_schema.columns join information_schema.tables using (table_schema, table_name) where table_type = 'BASE TABLE' and table_schema = database() order by table_name, ordinal_position",
}

const sourceOf = (dialect: DialectName, opened: Opened): Source => ({
  dialect,
  ...opened,
  tables: async () => {
    const tables = new Map<string, Column[]>()
    for (const [table, name, type] of await opened.read(columnsOf[dialect])) {
      const columns = tables.get(String(table)) ?? []
      columns.push({ name: String(name), type: String(type).toLowerCase() })
      tables.set(String(table), columns)
    }
    return [...tables].map(([name, columns]) => ({ name, columns }))
  },
})
