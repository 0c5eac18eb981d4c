import type { MySqlDatabase } from 'drizzle-orm/mysql-core'
import type {
  MySqlRemotePreparedQueryHKT,
  MySqlRemoteQueryResultHKT,
} from 'drizzle-orm/mysql-proxy'
import type { Migration } from './migrate.ts'
import type { Tables } from './schema.ts'
import type { Query, Values, Write } from './statement.ts'
import type { StorageState } from './storage.ts'

export type DialectName = 'sqlite' | 'postgres' | 'mysql'

type MySqlBuilder = MySqlDatabase<MySqlRemoteQueryResultHKT, MySqlRemotePreparedQueryHKT>
/** Builds statements and never runs them. Its types are MySQL's, the least capable dialect. */
export type Builder = Pick<MySqlBuilder, 'select' | 'insert' | 'update' | 'delete'>

/**
 * A dialect: its name, its statement builder and its tables. One object per dialect, shared by all
 * its databases.
 */
export type Dialect = { readonly name: DialectName; readonly q: Builder; readonly t: Tables }

/**
 * Says of a read that it may take long: it runs where it holds up no other request, if there is
 * such a place.
 */
export type LongRead = {
  /** It has proved to be short: run it like any other, and tell what it took. */
  readonly short?: boolean
  /** Called with the milliseconds that the database worked on it, its waiting not counted. */
  took(ms: number): void
}

/**
 * What a batch did: the rows each write touched, or `stale` when one listed in `mustTouch` touched
 * none.
 */
export type Outcome = readonly number[] | 'stale'

/** What every opener takes. */
export type VersionOptions = {
  /**
   * The last migration of this version: `atomic` refuses to write once the ledger has a later one.
   * Without it nothing is refused.
   */
  readonly lastMigration?: string | undefined
}

export type BatchOptions = {
  /** Indexes of the writes that must touch a row. */
  readonly mustTouch?: readonly number[]
  /** The batch needs new space: it is refused when only the reserve is left. */
  readonly grows?: boolean
}

export interface Database {
  readonly dialect: Dialect
  /** Long reads that may be under way at a time, so that what is short always finds a place. */
  readonly longReadsAtOnce: number
  one<T>(query: Query<T>, values?: Values): Promise<T | undefined>
  all<T>(query: Query<T>, values?: Values, long?: LongRead): Promise<T[]>
  /**
   * Runs the writes in order in one transaction, all or none. A write whose index is in `mustTouch`
   * and that touches no row undoes everything: the outcome is then `stale`. Any other failure
   * rejects, and nothing is written: with Superseded, where a newer version has migrated the
   * database.
   */
  atomic(writes: readonly Write[], options?: BatchOptions): Promise<Outcome>
  /**
   * Applies the missing migrations, once, however many processes try at the same time. Answers the
   * tags applied here.
   */
  migrate(migrations: readonly Migration[]): Promise<string[]>
  /**
   * The tags of the migrations that this database has had, and of those of newer versions that have
   * only begun; none when it has never been migrated.
   */
  migrated(): Promise<string[]>
  /** Undefined where nothing is known of the storage. */
  storage?(): Promise<StorageState>
  /** What the driver has to do every minute, besides requests. */
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

/**
 * Makes something (compiled statements, mostly) once per dialect, the first time it is asked for.
 */
export const perDialect = <T>(
  make: (dialect: Dialect) => T,
): ((db: Pick<Database, 'dialect'>) => T) => {
  const of = perKey(make)
  return ({ dialect }) => of(dialect)
}

/**
 * Makes something (what is known of its users, mostly) once per database, the first time it is
 * asked for.
 */
export const perDatabase = <T>(make: () => T): ((db: Database) => T) => perKey(make)
