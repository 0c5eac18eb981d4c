import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import { tellStorage } from '../../core/storage.ts'
import type { Database, DialectName, VersionOptions } from '../../db/database.ts'
import { lacking, lastTag, type Migration } from '../../db/migrate.ts'
import { watched } from '../../db/open/watched.ts'
import { isUnavailable } from '../../db/portable.ts'
import { rawQuery } from '../../db/statement.ts'
import { isUnfinishedCopy } from '../../db/transfer/mark.ts'
import { refusalOf } from './connection-errors.ts'
import { openServer, type ServerOptions } from './database-server.ts'
import type { DatabaseTarget, FileTarget, ServerTarget } from './database-target.ts'
import { closeToOthers } from './filesystem.ts'
import { readMigrations } from './migrations.ts'
import { Refusal } from './refusal.ts'
import { storageOfFile } from './storage.ts'

/** An open database, and what was done to bring it up to date. */
export type Opened = {
  readonly db: Database
  /** The migrations of this version. */
  readonly migrations: readonly Migration[]
  /** The tags of those that this opening applied. */
  readonly applied: readonly string[]
  /** The tags of those that the database still lacks; only where MIGRATE is `off`. */
  readonly missing: readonly string[]
  /** The kind of database, for people. */
  readonly engine: string
}
type Options = Pick<Config, 'databasePoolSize' | 'migrate'> & {
  /**
   * How much room a service may take, and where it says that there is none left; commands are not
   * bounded.
   */
  readonly bounds?: Bounds
  /** Hands batches to the process that writes, where a database in a file is only read here. */
  readonly writer?: Writer | undefined
}
type Bounds = Pick<Config, 'storage'> & { readonly log: Log }
type Writer = Required<Pick<Database, 'atomic' | 'storage'>>
type Versioned = Options & VersionOptions

/** Opens the database at a place and, as MIGRATE says, brings it up to date. Throws Refusal. */
export const openDatabase = async (target: DatabaseTarget, options: Options): Promise<Opened> => {
  const { db, migrations } = await openTarget(target, options)
  try {
    return {
      db,
      migrations,
      ...(await bringUp(db, migrations, options.migrate)),
      engine: engineOf(target),
    }
  } catch (error) {
    await db.close().catch(() => {})
    throw error instanceof Refusal ? error : refusalOf(target, error)
  }
}

const openTarget = async (target: DatabaseTarget, options: Options) => {
  const migrations = readMigrations(dialectOf(target))
  const versioned = { ...options, lastMigration: lastTag(migrations) }
  try {
    return {
      db:
        target.kind === 'file'
          ? await openFileAt(target, versioned)
          : await openServerAt(target, versioned),
      migrations,
    }
  } catch (error) {
    throw refusalOf(target, error)
  }
}

const dialectOf = (target: DatabaseTarget): DialectName => {
  const kind = target.kind === 'file' ? 'file' : target.location.kind
  return kind === 'postgres' || kind === 'mysql' ? kind : 'sqlite'
}

const openServerAt = async (
  target: ServerTarget,
  { databasePoolSize, bounds, lastMigration }: Versioned,
): Promise<Database> => {
  const db = await openReachable(target, { poolSize: databasePoolSize, lastMigration })
  return bounds
    ? watched(
        db,
        tellStorage(
          bounds.log,
          'make room for the database on its server, or raise its limit there',
        ),
      )
    : db
}

const openFileAt = async (
  target: FileTarget,
  { writer, bounds, lastMigration }: Versioned,
): Promise<Database> => {
  const { path } = target
  const [{ openFile, openFileToRead }, { checkpointsOf }, { longReadsOf }] = await Promise.all([
    import('../../db/open/file.ts'),
    import('./checkpoints/thread.ts'),
    import('./long-reads/thread.ts'),
  ])
  closeToOthers(path)
  const longReads = longReadsOf(path, LONG_READ_DEADLINE_MS)
  if (writer) return openFileToRead(path, writer, { longReads })
  const storage = bounds && storageOfFile(target, bounds)
  return openFile(path, {
    checkpoints: checkpointsOf(path),
    longReads,
    lastMigration,
    ...(storage && { storage }),
  })
}

/**
 * A search goes in windows and takes far less; a sort of all tasks of a user takes a hundredth of
 * it.
 */
const LONG_READ_DEADLINE_MS = 5_000

/**
 * A server that starts beside this process may need a moment; one that does not come is not waited
 * for.
 */
const PATIENCE_MS = 5_000
const PAUSE_MS = 250
const ping = rawQuery('select 1 as one', ['one'])

/** The database on a server that has answered. Rejects with what the last attempt met. */
const openReachable = async (target: ServerTarget, options: ServerOptions): Promise<Database> => {
  const began = performance.now()
  let parts = target
  for (;;) {
    let db: Database | undefined
    try {
      db = await openServer(parts, options)
      await db.all(ping)
      return db
    } catch (error) {
      void db?.close().catch(() => {})
      const pooler = asPooled(parts, error)
      if (pooler) parts = pooler
      else if (!isUnavailable(error) || performance.now() - began > PATIENCE_MS) throw error
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/**
 * A pooler in front of Postgres shows itself by refusing settings that it could not keep apart:
 * then without them.
 */
const asPooled = (target: ServerTarget, error: unknown): ServerTarget | undefined => {
  const { location } = target
  if (
    location.kind !== 'postgres' ||
    location.pooled ||
    !/unsupported startup parameter/.test(String((error as Error).message))
  )
    return undefined
  return { ...target, location: { ...location, pooled: true } }
}

const bringUp = async (
  db: Database,
  migrations: readonly Migration[],
  policy: Config['migrate'],
) => {
  const missing = await lacking(db, migrations)
  if (missing.length > 0 && policy === 'auto') {
    // What is refused is left as it is.
    if (missing.length < migrations.length) await refuseUnfinished(db)
    return { applied: await db.migrate(migrations), missing: [] }
  }
  if (policy === 'check' && missing.length > 0)
    throw new Refusal(
      `MIGRATE is check, and the database lacks ${missing.join(', ')}: run npm run db:migrate, or set MIGRATE to auto`,
    )
  return { applied: [], missing }
}

/** Throws Refusal. The database has to have some of its tables. */
export const refuseUnfinished = async (db: Database): Promise<void> => {
  if (await isUnfinishedCopy(db))
    throw new Refusal(
      'DATABASE_URL leads to a copy that is not finished: run npm run db:copy again, or use an empty database',
    )
}

const engineOf = (target: DatabaseTarget): string => {
  if (target.kind === 'file') return 'libSQL file'
  const { location } = target
  if (location.kind === 'libsql') return 'libSQL server'
  return location.kind === 'postgres'
    ? 'Postgres'
    : location.product === 'mariadb'
      ? 'MariaDB'
      : 'MySQL'
}
