// What postgres.js 3.4 does not survive, kept away from it. When a connection dies, the driver
// - rolls a transaction back on the socket that is gone: an exception that cannot be caught ends
//   the process (porsager/postgres#1208);
// - may run what is left of that transaction on another connection (#1216);
// - may keep half a message, and then that place of the pool never connects again (#1215). So a
//   transaction that has lost its connection does nothing more, and a client that has lost one is
//   replaced.
import type { Sql, TransactionSql } from 'postgres'

const lost =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ERR_|57P0|25P03|25P04)/

/** Is this what a query gets whose connection has died, or was never made? */
export const isConnectionLost = (error: unknown): boolean =>
  lost.test(String((error as { code?: unknown }).code))

/**
 * A transaction, read committed also where the server's default is another level; one that has lost
 * its connection rejects, as `sql.begin` does, and without a rollback.
 */
export const transaction = <T>(sql: Sql, run: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin('isolation level read committed', async (tx) => {
    try {
      return await run(tx)
    } catch (error) {
      // Never settles: `begin` itself rejects when the connection closes, and would roll back if
      // this did.
      if (isConnectionLost(error)) return new Promise<never>(() => {})
      throw error
    }
  }) as Promise<T>

/** A client that is replaced when it has lost a connection. */
export type ReconnectingClient = {
  /** Runs something with the present client. */
  use<T>(run: (sql: Sql) => Promise<T>): Promise<T>
  renew(): void
  close(): Promise<void>
}

/** Seconds for what is still under way on a client that was replaced or closed. */
const FAREWELL = 2

export const createReconnectingClient = (connect: () => Sql): ReconnectingClient => {
  let current = connect()
  const renew = () => {
    const last = current
    current = connect()
    last.end({ timeout: FAREWELL }).catch(() => {})
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
    close: () => current.end({ timeout: FAREWELL }),
  }
}
