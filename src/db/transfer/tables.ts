// The statements that copying needs for each table: pages in the order of the primary key, inserts
// of many rows, counts.
import { and, asc, count, desc, eq, gt, ne, type SQL, sql } from 'drizzle-orm'
import { type AnyMySqlColumn, type AnyMySqlTable, getTableConfig } from 'drizzle-orm/mysql-core'
import { getTableColumns } from 'drizzle-orm/utils'
import { type Dialect, type DialectName, perDialect } from '../database.ts'
import { mysql } from '../dialect/mysql.ts'
import type { Tables } from '../schema.ts'
import { compile, everyColumn, type Query, query, type Statement, value } from '../statement.ts'
import { MARK } from './mark.ts'

/** A row in the program's types and names: the form in which databases exchange rows. */
export type Row = Readonly<Record<string, unknown>>
export type TableName = Exclude<keyof Tables, 'leases'>

/**
 * Every table that is copied, behind those that its foreign keys name: the schema can only define
 * them in that order. Leases stay: they say what the processes on a database do.
 */
export const tableNames = Object.keys(mysql.t).filter((name) => name !== 'leases') as TableName[]

/** The names of a table's columns, in the order of the schema. */
export const columnNames = (name: TableName): string[] =>
  Object.keys(getTableColumns(mysql.t[name]))

/** The names of the columns of a table's primary key, in the key's order. */
export const keyNames = (name: TableName): string[] => {
  const { columns, primaryKeys } = getTableConfig(mysql.t[name])
  const key = (primaryKeys[0]?.columns ?? columns.filter((column) => column.primary)).map(
    (column) => column.name,
  )
  const names = new Map(
    Object.entries(getTableColumns(mysql.t[name])).map(([inProgram, column]) => [
      column.name,
      inProgram,
    ]),
  )
  return key.map((column) => names.get(column) ?? column)
}

/**
 * Values of one statement: D1 takes 100, and MySQL's packets of 16 MiB have to hold 1,000 of the
 * largest.
 */
const MOST_VALUES: Record<DialectName, number> = { sqlite: 100, postgres: 1_000, mysql: 1_000 }

export type TableStatements = {
  readonly count: Query<{ rows: number }>
  readonly first: Query<Row>
  /**
   * The rows after a row, nearest first: for a key (a, b) the rows with the same a and a greater b,
   * then those with a greater a. With one condition for both, MySQL would read an a from its
   * beginning for every page.
   */
  readonly after: readonly Query<Row>[]
  /** The row with the greatest key. */
  readonly last: Query<Row>
  /** Inserts of 1, 2, 4 … rows: as many as fit one statement. */
  readonly inserts: readonly Statement<{ rows: readonly Row[] }>[]
}

const statementsOf = (dialect: Dialect, name: TableName): TableStatements => {
  const { q } = dialect
  const table = dialect.t[name] as AnyMySqlTable
  const columns = getTableColumns(table) as Record<string, AnyMySqlColumn>
  const keys = keyNames(name).map((key) => ({ key, column: columns[key] as AnyMySqlColumn }))
  const ours = name === 'settings' ? ne(dialect.t.settings.name, MARK) : undefined
  const order = (direction: typeof asc) => keys.map(({ column }) => direction(column))
  const page = (...seek: SQL[]) =>
    query<Row>(
      q
        .select(columns)
        .from(table)
        .where(and(ours, ...seek))
        .orderBy(...order(asc))
        .limit(sql.placeholder('limit')),
    )
  const after = keys.map(({ key, column }, i) =>
    page(
      ...keys.slice(0, i).map((same) => eq(same.column, value(same.column, same.key))),
      gt(column, value(column, key)),
    ),
  )
  return {
    count: query(q.select({ rows: count() }).from(table).where(ours)),
    first: page(),
    after: after.reverse(),
    last: query<Row>(
      q
        .select(columns)
        .from(table)
        .where(ours)
        .orderBy(...order(desc))
        .limit(sql.raw('1') as never),
    ),
    inserts: insertsOf(dialect, table, MOST_VALUES[dialect.name] / Object.keys(columns).length),
  }
}

const insertsOf = (
  { q }: Dialect,
  table: AnyMySqlTable,
  most: number,
): TableStatements['inserts'] => {
  const one = compile<Row>(q.insert(table).values(everyColumn(table)))
  const sizes = Array.from(
    { length: 1 + Math.floor(Math.log2(Math.max(1, most))) },
    (_, power) => 2 ** power,
  )
  return sizes.map((size) => ({
    text: compile(q.insert(table).values(Array.from({ length: size }, () => everyColumn(table))))
      .text,
    bind: ({ rows }) => rows.flatMap((row) => one.bind(row)), // its values stand row by row
  }))
}

/** The statements of each table, compiled once per dialect. */
export const tableStatements = perDialect(
  (dialect) =>
    Object.fromEntries(tableNames.map((name) => [name, statementsOf(dialect, name)])) as Record<
      TableName,
      TableStatements
    >,
)
