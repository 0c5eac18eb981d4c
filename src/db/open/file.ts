// A libSQL file through the `libsql` package: one connection that reads and writes.
import type { Database } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { connect, createReading } from './file/reading.ts'
import { type Checkpoints, createWriting } from './file/writing.ts'

/**
 * Opens (and where it does not exist, creates) the database file at `path`. Without `checkpoints` SQLite makes them in the
 * commits that come along. Throws what libSQL throws.
 */
export const openFile = (path: string, checkpoints?: Checkpoints): Database => {
  const connection = connect(path)
  let closed = false
  const isClosed = () => closed
  const { finish, ...writing } = createWriting(connection, isClosed, checkpoints)
  return {
    dialect: sqlite,
    ...createReading(connection, isClosed),
    ...writing,
    close: async () => {
      closed = true
      await finish() // what was asked for before is still done
      connection.exec('pragma wal_checkpoint(truncate)') // leaves one file, with everything in it
      connection.close()
    },
  }
}

/** The database file at `path`, which is there and migrated, for a process that only reads it: `atomic` hands batches to the one that writes. */
export const openFileToRead = (path: string, atomic: Database['atomic']): Database => {
  const connection = connect(path)
  connection.exec('pragma query_only = on')
  let closed = false
  return {
    dialect: sqlite,
    ...createReading(connection, () => closed),
    atomic,
    migrate: async () => {
      throw new Error('this process only reads the database')
    },
    close: async () => {
      closed = true
      connection.close()
    },
  }
}
