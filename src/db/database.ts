import type { MySqlDatabase } from 'drizzle-orm/mysql-core'
import type {
  MySqlRemotePreparedQueryHKT,
  MySqlRemoteQueryResultHKT,
} from 'drizzle-orm/mysql-proxy'
import type { Histogram } from './histogram.ts'
import type { Migration } from './migrate.ts'
import type { Tables } from './schema.ts'
import type { Query, Values, Write } from './statement.ts'
import type { StorageState } from './storage.ts'

export type DialectName = 'sqlite' | 'postgres' | 'mysql'

type MySqlBuilder = MySqlDatabase<MySqlRemoteQueryResultHKT, MySqlRemotePreparedQueryHKT>
/**
 * Builds statements, but does not run them. Its types are MySQL's, the dialect that can do least.
 */
export type Builder = Pick<MySqlBuilder, 'select' | 'insert' | 'update' | 'delete'>

/**
 * A dialect: its name, its statement builder and its tables. All databases of a dialect share one
 * object.
 */
export type Dialect = { readonly name: DialectName; readonly q: Builder; readonly t: Tables }

/**
 * Marks a read that may take long. The driver runs it where it does not delay other requests, if it
 * can.
 */
export type LongRead = {
  /** It has been short of late: run it like any other, and call `took`. */
  readonly short?: boolean
  /** Called with the milliseconds that the database worked on it, without its waiting. */
  took(ms: number): void
}

/**
 * The result of a batch: the rows that each write touched, or `stale` if a write in `mustTouch`
 * touched none.
 */
export type Outcome = readonly number[] | 'stale'

/** Options of every opener. */
export type VersionOptions = {
  /**
   * The last migration of this version: `atomic` refuses to write when the ledger has a later one.
   * Without it nothing is refused.
   */
  readonly lastMigration?: string | undefined
  /** It is only read, as the source of a copy: its encoding may be any. */
  readonly onlyRead?: boolean
}

export type BatchOptions = {
  /** Indexes of the writes that must touch a row. */
  readonly mustTouch?: readonly number[]
  /** The batch needs space: it is refused when only the reserve is left. */
  readonly grows?: boolean
  /** It may change hundreds of rows: a database that is behind lets it wait, and not the others. */
  readonly wide?: boolean
}

export interface Database {
  readonly dialect: Dialect
  /** The database that this one is a way to use of: what is known of its rows is known of both. */
  readonly viewOf?: Database
  /** Long reads that may run at a time, so that short ones always find a connection. */
  readonly longReadsAtOnce: number
  one<T>(query: Query<T>, values?: Values): Promise<T | undefined>
  all<T>(query: Query<T>, values?: Values, long?: LongRead): Promise<T[]>
  /**
   * Runs the writes in order in one transaction, all or none. If a write in `mustTouch` touches no
   * row, everything is undone and the outcome is `stale`. Any other failure rejects, and nothing is
   * written. Rejects with Superseded if a newer version has migrated the database.
   */
  atomic(writes: readonly Write[], options?: BatchOptions): Promise<Outcome>
  /**
   * Applies the missing migrations once, however many processes try at the same time. Returns the
   * tags that were applied here.
   */
  migrate(migrations: readonly Migration[]): Promise<string[]>
  /**
   * The tags of the migrations that this database has had, and of those of newer versions that have
   * begun. Empty if it was never migrated.
   */
  migrated(): Promise<string[]>
  /** How long calls have waited for their turn; undefined if they do not wait here. */
  readonly waits?: Histogram
  /** Undefined if nothing is known of the storage. */
  storage?(): Promise<StorageState>
  /** The work of the driver every minute, besides requests. */
  upkeep?(): Promise<void>
  close(): Promise<void>
}

const perKey = <K extends object, T>(make: (key: K) => T): ((key: K) => T) => {
  const made = new WeakMap<K, T>()
  return (key) => {
    let found = made.get(key)
    if (found === undefined) {
      found = make(key)
      made.set(key, found)
    }
    return found
  }
}

/** Makes something once per dialect, when it is first needed, such as compiled statements. */
export const perDialect = <T>(
  make: (dialect: Dialect) => T,
): ((db: Pick<Database, 'dialect'>) => T) => {
  const of = perKey(make)
  return ({ dialect }) => of(dialect)
}

/**
 * Makes something once per database, when it is first needed, such as what is cached of its users.
 */
export const perDatabase = <T>(make: () => T): ((db: Database) => T) => {
  const of = perKey<Database, T>(make)
  return (db) => of(db.viewOf ?? db)
}
