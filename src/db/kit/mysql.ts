import {
  bigint,
  boolean,
  customType,
  index,
  int,
  json,
  mysqlTable,
  primaryKey,
  uniqueIndex,
} from 'drizzle-orm/mysql-core'
import { fromMySqlDatetime, type Instant, toMySqlDatetime } from '../instant.ts'

const ascii36 = customType<{ data: string }>({
  dataType: () => 'char(36) CHARACTER SET ascii COLLATE ascii_bin',
})
/**
 * Compares byte by byte, as SQLite does, so that case, accents and spaces at the end matter. The
 * collation is called differently by MySQL and MariaDB, each of which skips the other's comment.
 */
const utf8 =
  'CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */'
const exact = customType<{ data: string; config: { length: number } }>({
  dataType: (config) => `varchar(${config?.length ?? 191}) ${utf8}`,
})
const longText = customType<{ data: string }>({ dataType: () => `mediumtext ${utf8}` })
const instant = customType<{ data: Instant; driverData: string }>({
  dataType: () => 'datetime(3)',
  fromDriver: fromMySqlDatetime,
  toDriver: toMySqlDatetime,
})

/**
 * The canonical kit. MySQL can do least (no RETURNING, no ON CONFLICT). Every table and query is
 * written against its types, so that the compiler refuses what is not portable.
 */
export const kit = {
  table: mysqlTable,
  /** A UUID in its text form. */
  id: (name: string) => ascii36(name),
  /**
   * Text of at most `length` characters, compared and sorted byte by byte. Indexed text may have
   * 191.
   */
  str: (name: string, length: number) => exact(name, { length }),
  /** Text without a limit of its own (16 MiB on MySQL). */
  text: (name: string) => longText(name),
  int: (name: string) => int(name),
  /** An integer up to 2^53. */
  long: (name: string) => bigint(name, { mode: 'number' }),
  bool: (name: string) => boolean(name),
  /**
   * A point in time: RFC 3339 text with milliseconds in the program, and the dialect's own type in
   * the database.
   */
  instant: (name: string) => instant(name),
  json: <T>(name: string) => json(name).$type<T>(),
  index,
  uniqueIndex,
  primaryKey,
}
export type Kit = typeof kit
/** The functions that the kits of other dialects have to provide. */
export type KitShape = Record<keyof Kit, unknown>
