// Measures the space of a database file, on its own connection.
import type { Room } from '../../storage.ts'
import { type Connection, pragmaOf } from './connection.ts'

/** The free bytes of the disk, and the size of the file. */
export type DiskOf = () => { readonly free: number; readonly fileSize: number }

/**
 * Pages that are in the write-ahead log, but not yet in the file, will take space there. The log
 * itself counts as taken, although it can be emptied.
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
