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
