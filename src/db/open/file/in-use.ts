import { openConnection } from './connection.ts'

/**
 * Whether another process has the database file open. Each connection in WAL mode keeps a shared
 * lock on the file, and the exclusive mode takes the whole lock
 * (https://www.sqlite.org/wal.html#noshm). Otherwise the write-ahead log is brought into the file,
 * as at the end of each last connection. False for a file that is no database.
 */
export const isInUse = (path: string): boolean => {
  const connection = openConnection(path)
  try {
    connection.exec('pragma busy_timeout = 0')
    connection.exec('pragma locking_mode = exclusive')
    connection.exec('begin immediate; rollback')
    return false
  } catch (error) {
    return /^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code))
  } finally {
    connection.close()
  }
}
