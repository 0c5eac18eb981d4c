import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import { tellStorage } from '../../core/storage.ts'
import type { Database, DialectName, VersionOptions } from '../../db/database.ts'
import { lacking, lastTag, type Migration } from '../../db/migrate.ts'
import { watched } from '../../db/open/watched.ts'
import { lackingOfOurs } from '../../db/other-tables.ts'
import { rawQuery } from '../../db/statement.ts'
import { isUnfinishedCopy } from '../../db/transfer/mark.ts'
import { isRefused, isUnavailable } from '../../db/unavailable.ts'
import { refusalOf } from './connection-errors.ts'
import { openServer, type ServerOptions } from './database-server.ts'
import type { DatabaseTarget, FileTarget, ServerTarget } from './database-target.ts'
import { closeToOthers } from './filesystem.ts'
import { readMigrations } from './migrations.ts'
import { Refusal } from './refusal.ts'
import { storageOfFile } from './storage.ts'

/** An open database, and its migrations. */
export type Opened = {
  readonly db: Database
  /** The migrations of this version. */
  readonly migrations: readonly Migration[]
  /** The tags of the migrations that were applied at this start. */
  readonly applied: readonly string[]
  /** The tags of the migrations that the database lacks. Only if MIGRATE is `off`. */
  readonly missing: readonly string[]
  /** The kind of database, as `/status` shows it. */
  readonly engine: string
}
type Options = Pick<Config, 'databasePoolSize' | 'migrate'> & {
  /**
   * How much space the service may take, and the log for when none is left. Commands have no
   * bounds.
   */
  readonly bounds?: Bounds
  /** Sends batches to the process that writes, if this one only reads the database file. */
  readonly writer?: Writer | undefined
  /**
   * Called when migrations begin, with what settles when they are over. A process should not end
   * meanwhile: on MySQL and MariaDB nothing undoes half a migration.
   */
  migrating?(work: Promise<unknown>): void
}
type Bounds = Pick<Config, 'storage'> & { readonly log: Log }
type Writer = Required<Pick<Database, 'atomic' | 'storage'>>
type Versioned = Options & VersionOptions

/** Opens the database, and migrates it as MIGRATE says. Throws Refusal. */
export const openDatabase = async (target: DatabaseTarget, options: Options): Promise<Opened> => {
  const { db, migrations } = await openTarget(target, options)
  try {
    return {
      db,
      migrations,
      ...(await bringUp(db, migrations, options)),
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
 * Searches go in windows and take far less. Sorting all tasks of a user takes a hundredth of it.
 */
const LONG_READ_DEADLINE_MS = 5_000

/** How long to wait for a server that starts at the same time as this process. */
const PATIENCE_MS = 5_000
const PAUSE_MS = 250
const ping = rawQuery('select 1 as one', ['one'])

/** The database on a server, once it has answered. Rejects with the error of the last attempt. */
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
      else if (!isUnavailable(error) || isRefused(error) || performance.now() - began > PATIENCE_MS)
        throw error
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/**
 * The target without session settings, if a pooler in front of Postgres has refused them: it shares
 * a session between clients.
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
  { migrate: policy, migrating }: Options,
) => {
  // With `off` it starts all the same, and is migrated by the command, which refuses.
  const missing = await (policy === 'off' ? lacking : lackingOfOurs)(db, migrations)
  if (missing.length > 0 && policy === 'auto') {
    // A database that is refused must not be migrated.
    if (missing.length < migrations.length) await refuseUnfinished(db)
    const work = db.migrate(migrations)
    migrating?.(work)
    return { applied: await work, missing: [] }
  }
  if (policy === 'check' && missing.length > 0)
    throw new Refusal(
      `MIGRATE is check, and the database lacks ${missing.join(', ')}: run npm run db:migrate, or set MIGRATE to auto`,
    )
  return { applied: [], missing }
}

/** Throws Refusal for the target of an unfinished copy. Some of its tables have to exist. */
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
