import type { Database } from '../database.ts'
import { type Write, write } from '../statement.ts'
import { keyNames, type Row, type TableName, tableStatements } from './tables.ts'

/**
 * The rows of a table after `after` (undefined: all), in the order of the primary key, at most
 * `batch` at a time. The next page is read while the caller uses this one.
 */
export async function* pages(
  db: Database,
  table: TableName,
  batch: number,
  after?: Row,
): AsyncGenerator<readonly Row[]> {
  let page = await readPage(db, table, batch, after)
  while (page.length > 0) {
    const next = page.length < batch ? undefined : readPage(db, table, batch, page.at(-1))
    next?.catch(() => {}) // it is awaited below, unless the caller gives up before
    yield page
    page = (await next) ?? []
  }
}

const readPage = async (
  db: Database,
  table: TableName,
  batch: number,
  after: Row | undefined,
): Promise<readonly Row[]> => {
  const { first, after: seeks } = tableStatements(db)[table]
  if (after === undefined) return db.all(first, { limit: batch })
  const key = Object.fromEntries(keyNames(table).map((name) => [name, after[name]]))
  const rows: Row[] = []
  for (const seek of seeks) {
    if (rows.length < batch)
      rows.push(...(await db.all(seek, { ...key, limit: batch - rows.length })))
  }
  return rows
}

/** The writes that insert `rows`, each with as many rows as the dialect takes. */
export const insertsFor = (db: Database, table: TableName, rows: readonly Row[]): Write[] => {
  const { inserts } = tableStatements(db)[table]
  const writes: Write[] = []
  for (let at = 0; at < rows.length; ) {
    const power = Math.min(inserts.length - 1, Math.floor(Math.log2(rows.length - at)))
    const insert = inserts[power]
    if (insert === undefined) throw new Error(`no insert of ${2 ** power} rows`)
    writes.push(write(insert, { rows: rows.slice(at, at + 2 ** power) }))
    at += 2 ** power
  }
  return writes
}

/** The number of rows of each table, in the order of the schema. */
export const countRows = async (db: Database): Promise<Map<TableName, number>> => {
  const counts = new Map<TableName, number>()
  for (const [table, { count }] of Object.entries(tableStatements(db)) as [
    TableName,
    ReturnType<typeof tableStatements>[TableName],
  ][])
    counts.set(table, (await db.one(count))?.rows ?? 0)
  return counts
}

/** The row with the greatest key. Undefined if the table is empty. */
export const lastRow = (db: Database, table: TableName): Promise<Row | undefined> =>
  db.one(tableStatements(db)[table].last)
