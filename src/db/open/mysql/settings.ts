// What the statements rely on in a session. Servers, `init_connect` and hosting services set defaults that
// change what a statement does, without an error: so each session begins with its own.
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise'
import { UnsuitableDatabase } from '../../unsuitable.ts'

const LARGEST = '18446744073709551615'
/** Bytes of the names of a task's labels as one JSON array, with room. A shorter list is cut without an error. */
const LONGEST_LIST = 16 * 2 ** 20

const settings: Readonly<Record<string, string | number>> = {
  // Text that does not fit is an error, and not cut. Without modes that change the syntax or empty texts.
  sql_mode: "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  autocommit: 1,
  completion_type: 0,
  foreign_key_checks: 1,
  unique_checks: 1,
  time_zone: "'+00:00'",
  // It also limits json_arrayagg.
  group_concat_max_len: LONGEST_LIST,
  // Characters of a text that count when rows are sorted. The longest that is sorted has 191 of four bytes.
  max_sort_length: 1024,
  sql_select_limit: LARGEST,
  sql_big_selects: 1,
  sql_safe_updates: 0,
  sql_auto_is_null: 0,
  // Foreign keys and transactions need it.
  default_storage_engine: 'InnoDB',
  // Seconds. Shorter than this a session would end between two requests.
  wait_timeout: 28_800,
}

/** Seconds that a statement without a deadline waits for a lock: the default of servers. */
const PATIENT_LOCK_SECONDS = 50

/**
 * The statements that each session begins with, as one text.
 *
 * Read committed, as on Postgres: it takes no gap locks, which would make inserts of different users
 * wait for each other. The time limits end statements that no caller waits for any more. MariaDB
 * limits all statements, in seconds. MySQL limits reads, in milliseconds. The depth of recursive queries has
 * another name in each.
 *
 * Whether transactions may write is left to the server: who has made it read-only wants no writes.
 */
export const sessionSettings = (timeout: number): string => {
  const lockSeconds = timeout === 0 ? PATIENT_LOCK_SECONDS : 1
  const common = { ...settings, innodb_lock_wait_timeout: lockSeconds }
  const assigned = Object.entries(common).map(([name, value]) => `${name} = ${value}`)
  const perProduct = `/*M!100601 , max_statement_time = ${timeout / 1000} , max_recursive_iterations = 1000 */ /*!80003 , max_execution_time = ${timeout} , cte_max_recursion_depth = 1000 */`
  return [
    // A server may be told to ignore what the driver says in its handshake.
    // Texts of statements compare as columns do, with spaces at their end.
    'set names utf8mb4 /*!80000 collate utf8mb4_0900_bin */ /*M!100202 collate utf8mb4_nopad_bin */',
    'set session transaction isolation level read committed',
    `set session ${assigned.join(', ')} ${perProduct}`,
  ].join('; ')
}

type SessionConnection = {
  query(sql: string, done: (error: Error | null) => void): unknown
  readonly stream: { destroy(error: Error): void }
}

/**
 * Sends the settings ahead of the first statement of a new connection. Where the server refuses them nothing
 * runs on it: what waits for this connection fails with that reason.
 */
export const prepareSession = (connection: SessionConnection, text: string): void => {
  connection.query(text, (error) => {
    if (error)
      connection.stream.destroy(
        Object.assign(new Error(`the database refuses session settings: ${error.message}`), {
          code: 'DATABASE_SETTINGS',
        }),
      )
  })
}

/** The least `max_allowed_packet`: a row with all its texts is one packet. */
const LEAST_PACKET = 2 ** 20

/** Throws UnsuitableDatabase for settings that a session cannot change. */
export const expectSuitable = async (on: Pool | PoolConnection): Promise<void> => {
  // Not by `@@name`, which fails where a server does not have one of them any more.
  const [rows] = await on.query<RowDataPacket[]>(
    "show variables where variable_name in ('max_allowed_packet', 'log_bin', 'binlog_format')",
  )
  const found = new Map(rows.map((row) => [row['Variable_name'], row['Value']]))
  const packet = found.get('max_allowed_packet')
  if (Number(packet) < LEAST_PACKET)
    throw new UnsuitableDatabase(
      `its max_allowed_packet is ${packet}, and a task with its texts can be larger; set it to 16M or more (set global max_allowed_packet = 16777216, and in my.cnf)`,
    )
  // The server refuses every write then, because transactions are read committed.
  if (found.get('log_bin') === 'ON' && found.get('binlog_format') === 'STATEMENT')
    throw new UnsuitableDatabase(
      'its binlog_format is STATEMENT, which takes no read committed transactions; set it to ROW or MIXED (set global binlog_format = ROW, and in my.cnf)',
    )
}
