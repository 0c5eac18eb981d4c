// Checksums that are the same for the same rows on every dialect. One page of rows is in memory at
// a time.
import type { Database } from '../database.ts'
import { pages } from './pages.ts'
import { columnNames, type Row, type TableName } from './tables.ts'

/** A table's rows, counted, and the SHA-256 over them, hexadecimal. */
export type TableSum = { readonly table: TableName; readonly rows: number; readonly sha256: string }

/**
 * Rows per digest. Web Crypto digests one buffer at a time, so each digest begins with the one
 * before.
 */
const BLOCK = 100

/**
 * SHA-256 over the canonical JSON of a table's rows in the order of the primary key: one line per
 * row, its values in the order of the schema's columns. It does not depend on `batch`, the rows
 * that are read at a time. `onRows` is called for each page.
 */
export const sumOf = async (
  db: Database,
  table: TableName,
  batch: number,
  onRows = (_rows: number): void => {},
): Promise<TableSum> => {
  const columns = columnNames(table)
  let [sha256, rows, lines] = [await sha256Of(columns.join()), 0, [] as string[]]
  for await (const page of pages(db, table, batch)) {
    for (const row of page) {
      if (lines.push(lineOf(columns, row)) < BLOCK) continue
      sha256 = await sha256Of([sha256, ...lines].join('\n'))
      lines = []
    }
    rows += page.length
    onRows(page.length)
  }
  return {
    table,
    rows,
    sha256: lines.length === 0 ? sha256 : await sha256Of([sha256, ...lines].join('\n')),
  }
}

/** The checksum of a whole database: SHA-256 over those of its tables. */
export const totalOf = (sums: readonly TableSum[]): Promise<string> =>
  sha256Of(sums.map(({ table, rows, sha256 }) => `${table} ${rows} ${sha256}`).join('\n'))

/** The SHA-256 of a text's UTF-8, hexadecimal. */
export const sha256Of = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

const encoder = new TextEncoder()

const lineOf = (columns: readonly string[], row: Row): string =>
  JSON.stringify(columns.map((name) => canonical(row[name])))

/**
 * Sorts the members of JSON objects by name: Postgres and MySQL store them in an order of their
 * own.
 */
const canonical = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(canonical)
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, canonical(member)]),
  )
}
