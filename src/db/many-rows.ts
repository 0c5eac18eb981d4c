// Inserts of many rows in few statements.
import { type Statement, type Values, type Write, write } from './statement.ts'

export type Many = { readonly rows: readonly Values[] }
type Sized = { readonly size: number; readonly statement: Statement<Many> }

/** A statement for each number of rows: `sizes` ascends from 1. D1 takes 100 values a statement. */
export const bySize = (
  sizes: readonly number[],
  make: (size: number) => Statement<Many>,
): readonly Sized[] => sizes.map((size) => ({ size, statement: make(size) }))

/** The writes of all rows, in as few statements as there can be. */
export const inMany = (inserts: readonly Sized[], rows: readonly Values[]): Write[] => {
  const writes: Write[] = []
  for (let at = 0; at < rows.length; ) {
    const { size, statement } = inserts.findLast(
      (insert) => insert.size <= rows.length - at,
    ) as Sized
    writes.push(write(statement, { rows: rows.slice(at, at + size) }))
    at += size
  }
  return writes
}
