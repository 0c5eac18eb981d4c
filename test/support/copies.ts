// What requests made, and copies of it that need no request: where each of many tests wants things
// of its own, its people are made once and copied, in one batch each.
import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/db/database.ts'
import { insertsFor, pages } from '../../src/db/transfer/pages.ts'
import { keyNames, type Row, type TableName, tableNames } from '../../src/db/transfer/tables.ts'

/** What is no user's, or is found by a digest of what is copied. */
const LEFT_OUT: readonly TableName[] = [
  'settings',
  'signingKeys',
  'rateLimits',
  'signInCodes',
  'receipts',
]
const PAGE = 500
const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g

type Rows = readonly (readonly [TableName, readonly Row[]])[]

const rowsOf = async (db: Database): Promise<Rows> => {
  const tables = tableNames.filter((name) => !LEFT_OUT.includes(name))
  return Promise.all(
    tables.map(async (table) => {
      const rows: Row[] = []
      for await (const page of pages(db, table, PAGE)) rows.push(...page)
      return [table, rows] as const
    }),
  )
}

/** Changes every text in a value of JSON. */
const withTexts = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withTexts(field, change)]),
  )
}

/** Other ids, the same for the same id, which begin alike: so they keep their order by time. */
const otherIds = () => {
  const ids = new Map<string, string>()
  return (id: string): string => {
    const known = ids.get(id)
    if (known !== undefined) return known
    const other = id.slice(0, 24) + randomUUID().slice(24)
    ids.set(id, other)
    return other
  }
}

/** `made`, and what makes copies of it: values and rows. */
export type Original<T> = {
  readonly made: T
  /**
   * A copy under `mark`, which is as long as the original's. `change` may replace columns of the
   * copied rows.
   */
  copy(mark: string, change?: (table: TableName, row: Row) => Row): Promise<T>
}

/**
 * Lets `make` make things, all of them under `mark`, which stands in their texts. Nothing else may
 * write to the database meanwhile, and what `make` answers must be JSON.
 */
export const originalOf = async <T>(
  db: Database,
  mark: string,
  make: () => Promise<T>,
): Promise<Original<T>> => {
  const keyOf = (table: TableName, row: Row) =>
    JSON.stringify([table, ...keyNames(table).map((name) => row[name])])
  const before = new Set(
    (await rowsOf(db)).flatMap(([table, rows]) => rows.map((row) => keyOf(table, row))),
  )
  const made = await make()
  const added = (await rowsOf(db)).map(
    ([table, rows]) => [table, rows.filter((row) => !before.has(keyOf(table, row)))] as const,
  )
  return {
    made,
    copy: async (other, change = (_table, row) => row) => {
      if (other.length !== mark.length) throw new Error(`${other} is not as long as ${mark}`)
      const otherId = otherIds()
      const rename = (text: string) => text.replaceAll(mark, other).replaceAll(ID, otherId)
      const copied = (table: TableName, row: Row): Row => {
        const renamed = withTexts(row, rename) as Row
        // No two credentials are the same.
        const own = 'hash' in row ? { hash: (randomUUID() + randomUUID()).replaceAll('-', '') } : {}
        return change(table, { ...renamed, ...own })
      }
      await db.atomic(
        added.flatMap(([table, rows]) =>
          insertsFor(
            db,
            table,
            rows.map((row) => copied(table, row)),
          ),
        ),
      )
      return withTexts(made, rename) as T
    },
  }
}
