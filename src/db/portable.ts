// The differences between the dialects' SQL, each in a small helper.
import { type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import type { Dialect, DialectName } from './database.ts'

type BuiltWrite = { toSQL(): { sql: string; params: unknown[] } }
type Insert = BuiltWrite & { onDuplicateKeyUpdate(config: { set: object }): BuiltWrite }
/** The method of SQLite's and Postgres' builders for MySQL's onDuplicateKeyUpdate. */
type ConflictInsert = {
  onConflictDoUpdate(config: { target: readonly AnyMySqlColumn[]; set: object }): BuiltWrite
  onConflictDoNothing(): BuiltWrite
}

/**
 * `insert`. If the unique columns `on` are taken, it updates the named columns to the values of the
 * insert: `on conflict … do update set x = excluded.x` on SQLite and Postgres, `on duplicate key
 * update x = values(x)` on MySQL.
 */
export const insertOrReplace = (
  { name }: Dialect,
  insert: Insert,
  on: readonly AnyMySqlColumn[],
  columns: Record<string, AnyMySqlColumn>,
): BuiltWrite => {
  const proposed = (column: AnyMySqlColumn) =>
    name === 'mysql'
      ? sql`values(${sql.identifier(column.name)})`
      : sql`excluded.${sql.identifier(column.name)}`
  const set = Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [key, proposed(column)]),
  )
  return name === 'mysql'
    ? insert.onDuplicateKeyUpdate({ set })
    : (insert as unknown as ConflictInsert).onConflictDoUpdate({ target: on, set })
}

const laterInstants: Record<DialectName, (given: SQL, column: AnyMySqlColumn) => SQL> = {
  sqlite: (given, column) => sql`max(${given}, ${column} + 1)`,
  postgres: (given, column) =>
    sql`greatest(cast(${given} as timestamptz), ${column} + interval '1 millisecond')`,
  mysql: (given, column) =>
    sql`greatest(cast(${given} as datetime(3)), date_add(${column}, interval 1000 microsecond))`,
}

const latestInstants: typeof laterInstants = {
  sqlite: (given, column) => sql`max(${given}, ${column})`,
  postgres: (given, column) => sql`greatest(cast(${given} as timestamptz), ${column})`,
  mysql: (given, column) => sql`greatest(cast(${given} as datetime(3)), ${column})`,
}

/** An instant, or that of the column, whichever is later. */
export const latestInstant = ({ name }: Dialect, given: SQL, column: AnyMySqlColumn): SQL =>
  latestInstants[name](given, column)

/** An instant, or a millisecond after that of the column, whichever is later. */
export const laterInstant = ({ name }: Dialect, given: SQL, column: AnyMySqlColumn): SQL =>
  laterInstants[name](given, column)

/**
 * `insert`. If a unique column is taken, it does nothing. `same` is any column: MySQL sets it to
 * itself.
 */
export const insertIfFree = (
  { name }: Dialect,
  insert: Insert,
  same: Record<string, AnyMySqlColumn>,
): BuiltWrite =>
  name === 'mysql'
    ? insert.onDuplicateKeyUpdate({ set: same })
    : (insert as unknown as ConflictInsert).onConflictDoNothing()

const jsonArray: Record<DialectName, (of: SQL | AnyMySqlColumn) => SQL> = {
  sqlite: (of) => sql`json_group_array(${of})`,
  postgres: (of) => sql`coalesce(json_agg(${of}), '[]'::json)`,
  mysql: (of) => sql`coalesce(json_arrayagg(${of}), json_array())`,
}

/**
 * The texts of column `of` in `from` as one JSON array, in no order. A JSON column is set to it.
 */
export const textList = ({ name }: Dialect, of: AnyMySqlColumn, from: SQL): SQL =>
  sql`(select ${jsonArray[name](of)} ${from})`

/** Bytes of a text in UTF-8, which is what every database stores. */
export const byteLength = (text: AnyMySqlColumn | SQL): SQL => sql`octet_length(${text})`

const items: Record<DialectName, (list: AnyMySqlColumn) => { item: SQL; from: SQL }> = {
  sqlite: (list) => ({ item: sql`item.value`, from: sql`json_each(${list}) as item` }),
  postgres: (list) => ({
    item: sql`item.value`,
    from: sql`jsonb_array_elements_text(${list}) as item (value)`,
  }),
  mysql: (list) => ({
    item: sql`item.value`,
    from: sql`json_table(${list}, '$[*]' columns (value varchar(191) character set utf8mb4 path '$')) as item`,
  }),
}

/** The texts in the JSON array of a column, as rows of a subquery. No rows if it is null. */
export const listItems = ({ name }: Dialect, list: AnyMySqlColumn): { item: SQL; from: SQL } =>
  items[name](list)

/**
 * Whether `column` contains this text, byte by byte. It takes linear time: LIKE takes quadratic
 * time on SQLite.
 */
export const containsText = ({ name }: Dialect, column: AnyMySqlColumn, text: SQL): SQL => {
  if (name === 'sqlite') return sql`instr(${column}, ${text}) > 0`
  return name === 'mysql'
    ? sql`locate(${text}, ${column}) > 0`
    : sql`strpos(${column}, ${text}) > 0`
}

/**
 * A value in the select list of `insert … select`. Postgres needs the type of a bare placeholder
 * there.
 */
export const typed = ({ name }: Dialect, placeholder: SQL, column: AnyMySqlColumn): SQL =>
  name === 'postgres'
    ? sql`cast(${placeholder} as ${sql.raw(column.getSQLType().replace(/ COLLATE.*/, ''))})`
    : placeholder

const tails: Record<DialectName, SQL> = {
  sqlite: sql.raw('lower(hex(randomblob(6)))'),
  postgres: sql.raw('substr(cast(gen_random_uuid() as text), 25)'),
  mysql: sql.raw(
    "lower(concat(lpad(hex(floor(rand() * 16777216)), 6, '0'), lpad(hex(floor(rand() * 16777216)), 6, '0')))",
  ),
}

/** An id for each row of a select: the first 24 characters of one, and random digits. */
export const randomIds = ({ name }: Dialect, prefix: SQL): SQL => {
  if (name === 'mysql') return sql`concat(${prefix}, ${tails[name]})`
  return name === 'postgres'
    ? sql`cast(cast(${prefix} as text) || ${tails[name]} as uuid)`
    : sql`${prefix} || ${tails[name]}`
}

export type DriverError = {
  code?: unknown
  rawCode?: unknown
  message?: unknown
  cause?: unknown
}
/**
 * The error and its causes, the outermost first: drivers and wrappers nest the error of the
 * database.
 */
export const causes = (error: unknown): DriverError[] => {
  const chain: DriverError[] = []
  for (
    let e = error as DriverError | undefined;
    e && chain.length < 8;
    e = e.cause as DriverError | undefined
  )
    chain.push(e)
  return chain
}

/** Whether a UNIQUE or PRIMARY KEY constraint refused this. */
export const isUniqueViolation = (error: unknown): boolean =>
  causes(error).some(
    (e) =>
      e.code === '23505' ||
      e.code === 'ER_DUP_ENTRY' ||
      /UNIQUE constraint failed/.test(String(e.message)),
  )

/** Whether a FOREIGN KEY constraint refused this, because what it refers to is gone. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  causes(error).some(
    (e) =>
      e.code === '23503' ||
      /^ER_NO_REFERENCED_ROW/.test(String(e.code)) ||
      /FOREIGN KEY constraint failed/.test(String(e.message)),
  )

/**
 * Whether the guard after a `mustTouch` write failed. Only batches on SQLite servers and D1 are
 * undone that way.
 */
export const isStaleGuard = (error: unknown): boolean =>
  causes(error).some((e) => /malformed JSON/.test(String(e.message)))

/**
 * Whether the guard before a batch found a migration of a newer version. Only batches on SQLite
 * servers and D1 are undone that way.
 */
export const isSupersededGuard = (error: unknown): boolean =>
  causes(error).some((e) => /JSON path.*superseded/i.test(String(e.message)))

/** Whether this was refused because a newer version has migrated the database. */
export const isSuperseded = (error: unknown): boolean =>
  causes(error).some((e) => e.code === 'DATABASE_SUPERSEDED')

/** Whether the database itself has undone this transaction, so that it may be repeated. */
export const isTransient = (error: unknown): boolean =>
  causes(error).some(
    (e) =>
      /^(40001|40P01|ER_LOCK_DEADLOCK|ER_CHECKREAD)$/.test(String(e.code)) ||
      /database is locked|SQLITE_BUSY/.test(`${e.code} ${e.message}`),
  )

const storageFull =
  /^(STORAGE_FULL|ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR_SHMSIZE|53100|ER_DISK_FULL|ER_RECORD_FILE_FULL)/
/**
 * SQLite behind a server or D1, the limits of a database and an account on D1
 * (developers.cloudflare.com/d1/platform/limits), and the system's word and number as MySQL and
 * MariaDB quote them.
 */
const storageFullWords =
  /database or disk is full|maximum DB size|maximum account storage|No space left on device|(Got error|errno:|Errcode:|error number) 28\b/i

/** Whether the database or its disk had no space for this. Nothing of it was written. */
export const isStorageFull = (error: unknown): boolean =>
  causes(error).some(
    ({ code, message }) => storageFull.test(String(code)) || storageFullWords.test(String(message)),
  )

/**
 * A boolean as a literal of the dialect, for conditions that a planner should know at once: SQLite
 * and MySQL have 0 and 1.
 */
export const literal = ({ name }: Dialect, given: boolean): SQL =>
  sql.raw(name === 'postgres' ? String(given) : String(Number(given)))
