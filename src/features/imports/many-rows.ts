// Inserts of many rows in few statements.
import { type Statement, type Values, type Write, write } from '../../db/statement.ts'

export type Many = { readonly rows: readonly Values[] }
/** Rows of one statement: D1 takes 100 values, and a row of these tables has six at most. */
export const sizes = [1, 2, 4, 8, 16]
/** The writes of all rows, in as few statements as there can be. */
export const inMany = (
  statements: readonly Statement<Many>[],
  rows: readonly Values[],
): Write[] => {
  const writes: Write[] = []
  for (let at = 0; at < rows.length; ) {
    const nth = sizes.findLastIndex((size) => size <= rows.length - at)
    const some = rows.slice(at, at + (sizes[nth] ?? 1))
    writes.push(write(statements[nth] as Statement<Many>, { rows: some }))
    at += some.length
  }
  return writes
}
