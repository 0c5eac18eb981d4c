// Rows of CSV (RFC 4180) whose text comes in pieces. Papa Parse is given as much as there is, and
// what it leaves, the last row that may go on, comes again with the next piece.
import type Papa from 'papaparse'

export type CsvRow = { readonly values: readonly string[]; readonly fault: string | undefined }

/** Characters of one row: what has no end may be the whole file. */
const MOST = 1024 * 1024
/** What is parsed at once: 64 Ki characters of tiny rows take a tenth of a second. */
const SLICE = 8 * 1024
/** Cells of a row: a megabyte of commas would be a million. */
const MOST_CELLS = 200

type Parsed = {
  readonly data: readonly string[][]
  readonly errors: readonly { readonly row: number; readonly message: string }[]
  readonly meta: { readonly cursor: number }
}

export const createRows = (papa: typeof Papa) => {
  const parser = () => new papa.Parser({ delimiter: ',' })
  let rest = ''
  let enough = 0
  const rowsOf = function* (parsed: Parsed): Generator<CsvRow> {
    const faults = new Map(parsed.errors.map(({ row, message }) => [row, message]))
    for (const [at, values] of parsed.data.entries())
      yield { values: values.slice(0, MOST_CELLS), fault: faults.get(at) }
  }
  return {
    *read(text: string): Generator<CsvRow> {
      for (let at = 0; at < text.length; at += SLICE) {
        rest += text.slice(at, at + SLICE)
        // A row that goes on is looked at again when there is twice as much of it.
        if (rest.length < enough) continue
        const parsed = parser().parse(rest, 0, true) as Parsed
        rest = rest.slice(parsed.meta.cursor)
        enough = parsed.meta.cursor === 0 ? 2 * rest.length : 0
        yield* rowsOf(parsed)
        if (rest.length <= MOST) continue
        rest = ''
        enough = 0
        const fault = `A row is longer than ${MOST} characters, or a quote has no end.`
        yield { values: [], fault }
      }
    },
    *end(): Generator<CsvRow> {
      if (rest.trim() === '') return
      yield* rowsOf(parser().parse(rest, 0, false) as Parsed)
    },
  }
}
