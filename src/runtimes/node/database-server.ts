// Opens databases on servers. A driver is loaded when it is needed, so that a start on a file does
// not load it.

import { userInfo } from 'node:os'
import type { Limits } from '../../db/connection-url/limits.ts'
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

/** As clients do: on a Unix socket the user is the one that the process runs as, if the URL names none. */
const withUser = (url: string): string => {
  const { username } = new URL(url)
  return username === ''
    ? Object.assign(new URL(url), { username: encodeURIComponent(userInfo().username) }).href
    : url
}

/** The lesser number counts: a URL says what its server allows. */
const within = (options: ServerOptions, { poolSize, connectTimeout }: Limits) => ({
  ...options,
  poolSize: Math.min(options.poolSize, poolSize ?? options.poolSize),
  ...(connectTimeout !== undefined && { connectTimeout }),
})

const openPostgresAt = async (
  location: PostgresLocation,
  ca: string | undefined,
  options: ServerOptions,
) => {
  const { openPostgres } = await import('../../db/open/postgres.ts')
  const { url, tls, pooled, socket, settings } = location
  return openPostgres({
    ...within(options, location),
    url: withUser(url),
    pooled,
    tls: { mode: tls.mode, ...withCa(ca) },
    ...(socket !== undefined && { socket }),
    ...(settings && { settings }),
    sockets: createSockets(),
  })
}

const openMySqlAt = async (
  location: MySqlLocation,
  ca: string | undefined,
  options: ServerOptions,
) => {
  const { openMySql, settleTls } = await import('../../db/open/mysql.ts')
  const { tls, socket } = location
  const server = {
    url: withUser(location.url),
    ...(socket !== undefined && { socket }),
    sockets: createSockets(),
  }
  const settled = await settleTls({ ...server, tls: { mode: tls.mode, ...withCa(ca) } })
  return openMySql({ ...within(options, location), ...server, tls: settled })
}

const openLibsqlAt = async (location: LibsqlLocation, options: ServerOptions) => {
  const { url, authToken } = location
  const [{ createClient }, { openLibsql }] = await Promise.all([
    import('@libsql/client/http'),
    import('../../db/open/libsql.ts'),
  ])
  return openLibsql(createClient, {
    ...within(options, location),
    url,
    ...(authToken !== undefined && { authToken }),
  })
}
