// Migrations on MySQL. DDL commits by itself there, so nothing undoes a migration that stops half-way.
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise'
import {
  createLedger,
  HalfMigrated,
  type LedgerRow,
  type Migration,
  pending,
  readLedger,
} from '../../migrate.ts'

type LocalRow = RowDataPacket & LedgerRow

const LOCK = "concat(left(database(), 40), '.taskport.migrate')"

/** The tags in the ledger that this database has had, and those of newer versions. */
export const readMigrated = async (
  pool: Pool,
  lastMigration: string | undefined,
): Promise<string[]> => {
  const [tables] = await pool.query<RowDataPacket[]>(
    "select 1 from information_schema.tables where table_schema = database() and table_name = 'migrations'",
  )
  if (tables.length === 0) return []
  const [rows] = await pool.query<LocalRow[]>(readLedger)
  if (rows.some(({ state }) => state === 'started') && !(await isMigrating(pool)))
    HalfMigrated.refuse(rows)
  const isNewer = ({ tag }: LedgerRow) => lastMigration !== undefined && tag > lastMigration
  return rows.filter((row) => row.state === 'done' || isNewer(row)).map(({ tag }) => tag)
}

/** While another process migrates, the ledger looks as after a migration that stopped half-way. */
const isMigrating = async (pool: Pool): Promise<boolean> => {
  const [[lock]] = await pool.query<RowDataPacket[]>(`select is_used_lock(${LOCK}) as holder`)
  return lock?.['holder'] !== null
}

/**
 * Runs one migrator at a time. DDL commits by itself, so a transaction cannot keep other migrators
 * waiting: a lock of the server does.
 */
export const withLock = async <T>(
  pool: Pool,
  run: (connection: PoolConnection) => Promise<T>,
): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    // A migration may take long.
    await connection.query(
      'set session innodb_lock_wait_timeout = 50 /*M!100100 , max_statement_time = 0 */ /*!50708 , max_execution_time = 0 */',
    )
    const [[lock]] = await connection.query<RowDataPacket[]>(`select get_lock(${LOCK}, 60) as got`)
    if (lock?.['got'] !== 1)
      throw new Error('another process has been migrating this database for a minute')
    return await run(connection)
  } finally {
    // The pool must not reuse it: its settings differ, and it may hold the lock.
    connection.destroy()
  }
}

export const applyMissing = async (
  connection: PoolConnection,
  migrations: readonly Migration[],
): Promise<string[]> => {
  await connection.query(createLedger('varchar(191)'))
  const [rows] = await connection.query<LocalRow[]>(readLedger)
  const missing = pending(migrations, rows)
  if (missing.length > 0) await announce(connection, missing)
  for (const { tag, statements } of missing) {
    // A row that stays `started` shows that this migration stopped half-way.
    await connection.query("update migrations set state = 'started' where tag = ?", [tag])
    for (const statement of statements) await connection.query(statement)
    await connection.query("update migrations set state = 'done' where tag = ?", [tag])
  }
  return missing.map(({ tag }) => tag)
}

/**
 * Tells processes of older versions about the migrations before anything changes: batches that begin
 * from now on read the new rows. `alter table` waits for the batches that had read the ledger before,
 * because it needs the table for itself.
 */
const announce = async (
  connection: PoolConnection,
  missing: readonly Migration[],
): Promise<void> => {
  for (const { tag } of missing)
    await connection.query("insert ignore into migrations (tag, state) values (?, 'announced')", [
      tag,
    ])
  await connection.query('alter table migrations force')
}
