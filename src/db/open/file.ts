// A libSQL file through the `libsql` package: one connection that reads and writes.
import type { Database, VersionOptions } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { isStorageFull } from '../portable.ts'
import { type Bounds, createStorage, type Storage, type StorageState } from '../storage.ts'
import { type Checkpoints, createCheckpointing } from './file/checkpointing.ts'
import type { Connection } from './file/connection.ts'
import { type DiskOf, measureRoom } from './file/disk-space.ts'
import { connect, createReading, type LongReads } from './file/reading.ts'
import { createWriting } from './file/writing.ts'

/** What threads do for a database file. */
export type FileThreads = { readonly checkpoints?: Checkpoints; readonly longReads?: LongReads }

/**
 * How much room a database file has; `tell` is called when it becomes full, and when there is room
 * again.
 */
export type FileStorage = {
  readonly disk: DiskOf
  readonly bounds: Bounds
  tell(state: StorageState): void
}

type FileOptions = FileThreads & VersionOptions & { readonly storage?: FileStorage }

/**
 * Opens (and where it does not exist, creates) the database file at `path`. Without `checkpoints`
 * SQLite makes them in the commits that come along; without `longReads` long reads hold up the
 * others; without `storage` nothing bounds its size. Throws what libSQL throws.
 */
export const openFile = (
  path: string,
  { checkpoints, longReads, lastMigration, storage: bounded }: FileOptions = {},
): Database => {
  const connection = connect(path)
  let closed = false
  const isClosed = () => closed
  const checkpointing = createCheckpointing(connection, isClosed, checkpoints)
  const storage =
    bounded && storageOf(bounded, connection, { isClosed, reclaim: checkpointing.empty })
  const { finish, ...writing } = createWriting(connection, isClosed, {
    checkpointing,
    storage,
    lastMigration,
  })
  return {
    dialect: sqlite,
    longReadsAtOnce: 1,
    ...createReading(connection, isClosed, longReads),
    ...writing,
    ...(storage && { storage: async () => storage.state() }),
    upkeep: async () => {
      if (closed) return
      storage?.state()
      await checkpointing.erase()
    },
    close: async () => {
      closed = true
      await longReads?.end()
      await finish() // what was asked for before is still done
      foldUp(connection)
      connection.close()
    },
  }
}

type Reclaiming = { isClosed(): boolean; reclaim(): void }

const storageOf = (
  { disk, bounds, tell }: FileStorage,
  connection: Connection,
  { isClosed, reclaim }: Reclaiming,
): Storage => {
  const room = measureRoom(connection, disk)
  return createStorage({
    measure: () => (isClosed() ? undefined : { ...room(), ...bounds }),
    reclaim,
    tell,
  })
}

/**
 * Leaves one file, with everything in it; a full disk leaves the log beside it, and the next opener
 * of the file reads both.
 */
const foldUp = (connection: Connection): void => {
  try {
    connection.exec('pragma wal_checkpoint(truncate)')
  } catch (error) {
    if (!isStorageFull(error)) throw error
  }
}

/** The process that writes: `atomic` hands it batches. */
type Writer = Pick<Database, 'atomic' | 'storage'>

/** The database file at `path`, which is there and migrated, for a process that only reads it. */
export const openFileToRead = (
  path: string,
  writer: Writer,
  { longReads }: Pick<FileThreads, 'longReads'> = {},
): Database => {
  const connection = connect(path)
  connection.exec('pragma query_only = on')
  let closed = false
  return {
    dialect: sqlite,
    longReadsAtOnce: 1,
    ...createReading(connection, () => closed, longReads),
    ...writer,
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
