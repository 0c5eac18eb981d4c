// What is left of deleted texts on the pages of a database file. `pragma secure_delete` overwrites
// what is deleted. But when SQLite moves rows to another page, their bytes stay in the unallocated
// space of the first page (https://www.sqlite.org/fileformat.html#b_tree_pages).
import { type Connection, pragmaOf } from './connection.ts'

/** A range of bytes of a page. */
export type Stretch = { readonly from: number; readonly to: number }

/** The file header comes before the header of the first page. */
const FILE_HEADER = 100
/**
 * The types of b-tree pages, and the bytes of their headers. Other pages begin with a page number,
 * whose first byte is 0 in files below 64 GiB.
 */
const headers = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
])

/**
 * The unallocated space of a page, between the pointers to its cells and the first cell. Undefined
 * if it holds only zeros.
 */
export const remainsOn = (page: Uint8Array, number: number): Stretch | undefined => {
  const start = number === 1 ? FILE_HEADER : 0
  const size = headers.get(page[start] as number)
  if (size === undefined) return undefined
  const word = (at: number) =>
    ((page[start + at] as number) << 8) | (page[start + at + 1] as number)
  const from = start + size + 2 * word(3)
  const to = word(5) || 2 ** 16
  for (let i = from; i < to && i < page.length; i++)
    if (page[i] !== 0) return to <= page.length ? { from, to } : undefined
  return undefined
}

/** From so many pages on, the first byte of a page number can be the type of a b-tree page. */
const MOST_PAGES = 2 ** 24

/**
 * Whether b-tree pages of this file can be told from others. With `auto_vacuum` other pages begin
 * like them.
 */
export const hasTellablePages = (connection: Connection): boolean =>
  pragmaOf(connection, 'page_count')() < MOST_PAGES && pragmaOf(connection, 'auto_vacuum')() === 0

/** The bytes of the pages of a file, by their number from 1 on. */
export const pagesOf = (connection: Connection) => {
  const [read, write] = [
    connection.prepare('select data from sqlite_dbpage where pgno = ?').raw(true),
    connection.prepare('update sqlite_dbpage set data = ? where pgno = ?'),
  ]
  return {
    /** Undefined behind the last page. */
    read: (number: number): Uint8Array | undefined => {
      const data = read.get([number])?.[0]
      return data === undefined ? undefined : new Uint8Array(data as ArrayBuffer)
    },
    write: (number: number, bytes: Uint8Array): void => void write.run([bytes, number]),
  }
}

/** Pages that one transaction overwrites. Each takes two milliseconds at most. */
const TOGETHER = 32

/** Overwrites what is left on these pages, in transactions of the connection that writes. */
export const createOverwriting = (connection: Connection) => {
  const overwriteSome = (numbers: readonly number[]): void => {
    const pages = pagesOf(connection)
    connection.exec('begin immediate')
    try {
      for (const number of numbers) {
        const page = pages.read(number)
        const stretch = page && remainsOn(page, number)
        if (stretch) pages.write(number, page.fill(0, stretch.from, stretch.to))
      }
      connection.exec('commit')
    } catch (error) {
      if (connection.inTransaction) connection.exec('rollback')
      throw error
    }
  }
  return async (numbers: readonly number[], isClosed: () => boolean): Promise<void> => {
    for (let at = 0; at < numbers.length && !isClosed(); at += TOGETHER) {
      overwriteSome(numbers.slice(at, at + TOGETHER))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
