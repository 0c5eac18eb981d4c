// A libSQL file through the `libsql` package: one connection that reads and writes.
import type { Database, VersionOptions } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { connect, createReading, type LongReads } from './file/reading.ts'
import { type Checkpoints, createWriting } from './file/writing.ts'

/** What threads do for a database file. */
export type FileThreads = { readonly checkpoints?: Checkpoints; readonly longReads?: LongReads }

/**
 * Opens (and where it does not exist, creates) the database file at `path`. Without `checkpoints` SQLite makes them in the
 * commits that come along; without `longReads` long reads hold up the others. Throws what libSQL throws.
 */
export const openFile = (path: string, { checkpoints, longReads, lastMigration }: FileThreads & VersionOptions = {}): Database => {
  const connection = connect(path)
  let closed = false
  const isClosed = () => closed
  const { finish, ...writing } = createWriting(connection, isClosed, { checkpoints, lastMigration })
  return {
    dialect: sqlite,
    longReadsAtOnce: 1,
    ...createReading(connection, isClosed, longReads),
    ...writing,
    close: async () => {
      closed = true
      await longReads?.end()
      await finish() // what was asked for before is still done
      connection.exec('pragma wal_checkpoint(truncate)') // leaves one file, with everything in it
      connection.close()
    },
  }
}

/** The database file at `path`, which is there and migrated, for a process that only reads it: `atomic` hands batches to the one that writes. */
export const openFileToRead = (path: string, atomic: Database['atomic'], { longReads }: Pick<FileThreads, 'longReads'> = {}): Database => {
  const connection = connect(path)
  connection.exec('pragma query_only = on')
  let closed = false
  return {
    dialect: sqlite,
    longReadsAtOnce: 1,
    ...createReading(connection, () => closed, longReads),
    atomic,
    migrate: async () => {
      throw new Error('this process only reads the database')
    },
    close: async () => {
      closed = true
      await longReads?.end()
      connection.close()
    },
  }
}
