import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { findNewer, Superseded } from '../../migrate.ts'
import type { Write } from '../../statement.ts'
import { Stale } from '../stale.ts'

/** Integers are bound as text: MySQL refuses a LIMIT that is bound as a floating-point number. */
export const bound = (values: readonly unknown[]): never[] =>
  values.map((value) => (typeof value === 'number' ? String(value) : value)) as never[]

type Begin = (connection: PoolConnection) => Promise<unknown>

/**
 * Begins a transaction and reads the ledger of migrations, in one round trip. Reading it locks its
 * definition until the end of the transaction, for which a migrator waits. Throws Superseded.
 */
export const beginning = (lastMigration: string | undefined): Begin => {
  if (lastMigration === undefined) return (connection) => connection.beginTransaction()
  const text = `start transaction; ${findNewer(lastMigration)}`
  return async (connection) => {
    const [[, newer]] = (await connection.query(text)) as unknown as [
      [ResultSetHeader, RowDataPacket[]],
    ]
    if (newer.length > 0) throw new Superseded()
  }
}

export const inTransaction = async <T>(
  pool: Pool,
  begin: Begin,
  run: (connection: PoolConnection) => Promise<T>,
): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    await begin(connection)
    const result = await run(connection)
    await connection.commit()
    connection.release()
    return result
  } catch (error) {
    // A connection that cannot roll back cannot be used any more.
    await connection.rollback().then(
      () => connection.release(),
      () => connection.destroy(),
    )
    throw error
  }
}

/** Throws Stale if a write that must touch a row touches none. */
export const runAll = async (
  connection: PoolConnection,
  writes: readonly Write[],
  mustTouch: readonly number[],
): Promise<number[]> => {
  const touched: number[] = []
  for (const { statement, values } of writes) {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(
      statement.text,
      bound(statement.bind(values as never)),
    )
    if (affectedRows === 0 && mustTouch.includes(touched.length)) throw new Stale()
    touched.push(affectedRows)
  }
  return touched
}
