// Parses DATABASE_URL. It opens nothing, and no refusal repeats the URL, because it may hold a
// password.
import { FILE, fileUrl, type Refusal, refuse, sqliteUrl } from './connection-url/file.ts'
import { type LibsqlLocation, libsqlUrl } from './connection-url/libsql.ts'
import { type MySqlLocation, mySqlUrl } from './connection-url/mysql.ts'
import { type PostgresLocation, postgresUrl } from './connection-url/postgres.ts'

export type { Refusal } from './connection-url/file.ts'
export type { LibsqlLocation } from './connection-url/libsql.ts'
export type { MySqlLocation } from './connection-url/mysql.ts'
export type { PostgresLocation } from './connection-url/postgres.ts'

/** A database on a server. */
export type ServerLocation = LibsqlLocation | PostgresLocation | MySqlLocation
/**
 * Where the database is: in the data folder, in the file at `path` (relative to the working
 * directory, or absolute), or on a server.
 */
export type Location =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly path: string }
  | ServerLocation

/** Parsers of the rest of a URL, after the slashes of the scheme. */
const servers: Record<string, (rest: string) => ServerLocation | Refusal> = {
  libsql: (rest) => libsqlUrl('https', rest),
  https: (rest) => libsqlUrl('https', rest),
  wss: (rest) => libsqlUrl('https', rest),
  http: (rest) => libsqlUrl('http', rest),
  ws: (rest) => libsqlUrl('http', rest),
  postgres: postgresUrl,
  postgresql: postgresUrl,
  mysql: (rest) => mySqlUrl('mysql', rest),
  mariadb: (rest) => mySqlUrl('mariadb', rest),
}
const SUPPORTED =
  'write postgres://, mysql:// or libsql:// and so on, or file:/path/to/taskport.db, or leave it out for the embedded database'

/**
 * The location that `url` names. A blank URL means the data folder. SQLAlchemy's driver suffixes
 * (`postgresql+asyncpg`) are ignored.
 */
export const parseDatabaseUrl = (url: string | undefined): Location | Refusal => {
  const text = url?.trim() ?? ''
  if (text === '') return { kind: 'folder' }
  if (/^psql\s/i.test(text))
    return refuse('looks like a psql command: paste only the URL inside the quotes')
  if (/^['"`].*['"`]$/s.test(text))
    return refuse('has quotes around it: paste only the URL inside the quotes')
  const scheme = /^([a-z][a-z0-9.-]{0,29})(?:\+[a-z0-9_]{1,30})?(:?)(\/\/)?/i.exec(text)
  const name = scheme?.[1]?.toLowerCase()
  if (name === undefined || !scheme) return refuse(`has no scheme: ${SUPPORTED}`)
  const [matched, , colon, slashes] = scheme
  const server = Object.hasOwn(servers, name) ? servers[name] : undefined
  if (server || name === 'file' || name === 'sqlite') {
    if (colon === '' && slashes)
      return refuse(`misses the colon after ${name}: write ${name}:// and so on`)
  }
  if (colon === '') return refuse(`has no scheme: ${SUPPORTED}`)
  if (name === 'file') return fileUrl(text.slice('file:'.length))
  if (name === 'sqlite')
    return slashes
      ? sqliteUrl(text.slice(matched.length))
      : refuse('misses slashes after sqlite: write sqlite:///path/to/taskport.db')
  if (server)
    return slashes
      ? server(text.slice(matched.length))
      : refuse(`misses the slashes after ${name}: write ${name}:// and so on`)
  return refuse(
    slashes
      ? `names a ${name} database, which is not supported: ${SUPPORTED}`
      : `is not the URL of a database: ${FILE}`,
  )
}
