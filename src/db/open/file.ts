// A database file through the `libsql` package, on one connection that reads and writes.
import type { Database, VersionOptions } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createHistogram } from '../histogram.ts'
import { expectNoOtherTablesIn } from '../other-tables.ts'
import { isStorageFull } from '../portable.ts'
import { type Bounds, createStorage, type Storage, type StorageState } from '../storage.ts'
import { type Checkpoints, createCheckpointing } from './file/checkpointing.ts'
import { type Connection, connect } from './file/connection.ts'
import { type DiskOf, measureRoom } from './file/disk-space.ts'
import { createReading, type LongReads } from './file/reading.ts'
import { createWriting } from './file/writing.ts'

/** Threads that work for a database file. */
export type FileThreads = { readonly checkpoints?: Checkpoints; readonly longReads?: LongReads }

/**
 * The space that a database file may take. `tell` is called when it becomes full, and when there is
 * space again.
 */
export type FileStorage = {
  readonly disk: DiskOf
  readonly bounds: Bounds
  tell(state: StorageState): void
}

type FileOptions = FileThreads & VersionOptions & { readonly storage?: FileStorage }

/**
 * Opens the database file at `path`, or makes it. Without `checkpoints` SQLite makes checkpoints
 * during commits. Without `longReads` long reads delay other requests. Without `storage` nothing
 * limits its size. Throws what libSQL throws.
 */
export const openFile = (
  path: string,
  { checkpoints, longReads, lastMigration, onlyRead = false, storage: bounded }: FileOptions = {},
): Database => {
  const connection = connect(path, { onlyRead, expectOwn: onlyRead ? undefined : expectOwn })
  let closed = false
  const isClosed = () => closed
  const checkpointing = createCheckpointing(connection, isClosed, checkpoints)
  const storage =
    bounded && storageOf(bounded, connection, { isClosed, reclaim: checkpointing.empty })
  const waits = createHistogram()
  const { finish, ...writing } = createWriting(connection, isClosed, {
    checkpointing,
    storage,
    waits,
    lastMigration,
  })
  return {
    dialect: sqlite,
    longReadsAtOnce: 1,
    ...createReading(connection, isClosed, longReads),
    ...writing,
    waits,
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

const expectOwn = (connection: Connection): void =>
  expectNoOtherTablesIn(sqlite, (text) => connection.prepare(text).raw(true).all([]))

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
 * Brings everything into the one file. If the disk is full, the write-ahead log stays beside it,
 * and is read when the file is opened again.
 */
const foldUp = (connection: Connection): void => {
  try {
    connection.exec('pragma wal_checkpoint(truncate)')
  } catch (error) {
    if (!isStorageFull(error)) throw error
  }
}

/** The process that writes. `atomic` sends it batches. */
type Writer = Pick<Database, 'atomic' | 'storage'>

/** Opens a migrated database file to read it. */
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
