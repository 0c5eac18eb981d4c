// Opens databases on servers. A driver is loaded when it is needed, so that a start on a file does
// not load it.

import type { LibsqlLocation, MySqlLocation, PostgresLocation } from '../../db/connection-url.ts'
import type { Database, VersionOptions } from '../../db/database.ts'
import type { ServerTarget } from './database-target.ts'
import { createSockets } from './sockets.ts'

export type ServerOptions = VersionOptions & {
  /** Connections at most. */
  readonly poolSize: number
  /**
   * Milliseconds that a call waits at most, 1800 by default. `Infinity` for commands that may take
   * long.
   */
  readonly deadline?: number
}

type ServerParts = Pick<ServerTarget, 'location' | 'ca'>

/**
 * The database on a server. Postgres and libSQL servers are first asked when a call needs them.
 * MySQL is asked here whether it encrypts, if the URL leaves that open, so this may reject.
 */
export const openServer = async (
  { location, ca }: ServerParts,
  options: ServerOptions,
): Promise<Database> => {
  if (location.kind === 'postgres') return openPostgresAt(location, ca, options)
  if (location.kind === 'mysql') return openMySqlAt(location, ca, options)
  return openLibsqlAt(location, options)
}

const withCa = (ca: string | undefined) => (ca === undefined ? {} : { ca })

const openPostgresAt = async (
  { url, tls, pooled }: PostgresLocation,
  ca: string | undefined,
  options: ServerOptions,
) => {
  const { openPostgres } = await import('../../db/open/postgres.ts')
  return openPostgres({
    ...options,
    url,
    pooled,
    tls: { mode: tls.mode, ...withCa(ca) },
    sockets: createSockets(),
  })
}

const openMySqlAt = async (
  { url, tls }: MySqlLocation,
  ca: string | undefined,
  options: ServerOptions,
) => {
  const { openMySql, settleTls } = await import('../../db/open/mysql.ts')
  const sockets = createSockets()
  const settled = await settleTls({ url, tls: { mode: tls.mode, ...withCa(ca) }, sockets })
  return openMySql({ ...options, url, tls: settled, sockets })
}

const openLibsqlAt = async ({ url, authToken }: LibsqlLocation, options: ServerOptions) => {
  const [{ createClient }, { openLibsql }] = await Promise.all([
    import('@libsql/client/http'),
    import('../../db/open/libsql.ts'),
  ])
  return openLibsql(createClient, {
    ...options,
    url,
    ...(authToken !== undefined && { authToken }),
  })
}
