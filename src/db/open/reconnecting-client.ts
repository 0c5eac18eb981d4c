// Works around faults of postgres.js 3.4 after a lost connection. The driver
// - rolls a transaction back on the lost socket: an exception that cannot be caught ends the process
//   (porsager/postgres#1208);
// - may run the rest of that transaction on another connection (#1216);
// - may keep half a message, and then never uses that connection of the pool again (#1215).
// So a transaction that has lost its connection does nothing more, and its client is replaced.
import type { Sql, TransactionSql } from 'postgres'

const lost =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ERR_|57P0|25P03|25P04)/

/** Whether a query failed because its connection was lost, or never made. */
export const isConnectionLost = (error: unknown): boolean =>
  lost.test(String((error as { code?: unknown }).code))

/**
 * Runs a read committed transaction, also where the server has another default. Rejects as `sql.begin` does.
 * After a lost connection it does not roll back.
 */
export const transaction = <T>(sql: Sql, run: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin('isolation level read committed', async (tx) => {
    try {
      return await run(tx)
    } catch (error) {
      // Never settles. `begin` rejects by itself when the connection is lost. It would roll back if
      // this promise rejected.
      if (isConnectionLost(error)) return new Promise<never>(() => {})
      throw error
    }
  }) as Promise<T>

/** A client of which a new one takes the place when it has lost a connection. */
export type ReconnectingClient = {
  /** Runs something with the current client. */
  use<T>(run: (sql: Sql) => Promise<T>): Promise<T>
  renew(): void
  close(): Promise<void>
}

/** Seconds for queries that still run on a client that was replaced or closed. */
const END_SECONDS = 2

export const createReconnectingClient = (connect: () => Sql): ReconnectingClient => {
  let current = connect()
  const renew = () => {
    const last = current
    current = connect()
    last.end({ timeout: END_SECONDS }).catch(() => {})
  }
  return {
    use: async (run) => {
      const client = current
      try {
        return await run(client)
      } catch (error) {
        if (client === current && isConnectionLost(error)) renew()
        throw error
      }
    },
    renew,
    close: () => current.end({ timeout: END_SECONDS }),
  }
}
