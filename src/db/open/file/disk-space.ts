// How much room a database file has, measured on its own connection.
import type { Room } from '../../storage.ts'
import { type Connection, pragmaOf } from './connection.ts'

/** What the disk of the file says, in bytes: what is free on it, and how large the file is. */
export type DiskOf = () => { readonly free: number; readonly fileSize: number }

/**
 * Pages that the write-ahead log holds and the file does not yet will still take space. The log
 * itself counts as taken: it is emptied where it matters.
 */
export const measureRoom = (connection: Connection, disk: DiskOf): (() => Room) => {
  const pageSize = pragmaOf(connection, 'page_size')()
  const [pageCount, unusedPages] = [
    pragmaOf(connection, 'page_count'),
    pragmaOf(connection, 'freelist_count'),
  ]
  return () => {
    const [pages, unused] = [pageCount(), unusedPages()]
    const { free, fileSize } = disk()
    return {
      used: (pages - unused) * pageSize,
      free: Math.max(0, free - Math.max(0, pages * pageSize - fileSize)),
      unused: unused * pageSize,
    }
  }
}
