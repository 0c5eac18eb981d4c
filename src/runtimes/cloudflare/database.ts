import type { Database } from '../../db/database.ts'
import { lastTag, type Migration } from '../../db/migrate.ts'
import type { DatabaseTarget } from './bindings.ts'
import { perRequestScope } from './request-scope.ts'

/** A database, the migrations of its dialect, and what `/status` shows. */
type Found = {
  readonly db: Database
  readonly migrations: readonly Migration[]
  readonly engine: string
  readonly where: string
}

/** Unlimited, because the platform limits the connections of each request. */
const UNBOUNDED = Number.POSITIVE_INFINITY
/** Connections of one request, of the six that the platform allows it. */
const CONNECTIONS = 5

/** Opens the database. Loads only the driver that it needs. */
export const databaseAt = async (target: DatabaseTarget): Promise<Found> => {
  if (target.kind === 'd1') return onD1At(target.binding)
  return target.kind === 'libsql' ? libsqlAt(target) : postgresAt(target.url)
}

const onD1At = async (
  binding: Extract<DatabaseTarget, { kind: 'd1' }>['binding'],
): Promise<Found> => {
  const [{ onD1 }, { sqlite }, { migrations }] = await Promise.all([
    import('../../db/open/d1.ts'),
    import('../../db/dialect/sqlite.ts'),
    import('./migrations/sqlite.ts'),
  ])
  const open = () => onD1(binding, { lastMigration: lastTag(migrations) })
  return {
    db: perRequestScope(sqlite, open),
    migrations,
    engine: 'Cloudflare D1',
    where: 'The data is in Cloudflare D1.',
  }
}

const onServer = 'The data is on a database server.'

const libsqlAt = async ({
  url,
  authToken,
}: Extract<DatabaseTarget, { kind: 'libsql' }>): Promise<Found> => {
  const [{ openLibsql }, { createClient }, { sqlite }, { migrations }] = await Promise.all([
    import('../../db/open/libsql.ts'),
    import('@libsql/client/web'),
    import('../../db/dialect/sqlite.ts'),
    import('./migrations/sqlite.ts'),
  ])
  const options = {
    url,
    poolSize: UNBOUNDED,
    lastMigration: lastTag(migrations),
    ...(authToken !== undefined && { authToken }),
  }
  const open = () => openLibsql(createClient, options)
  return { db: perRequestScope(sqlite, open), migrations, engine: 'libSQL server', where: onServer }
}

const postgresAt = async (url: string): Promise<Found> => {
  const [{ openPostgres }, { postgres }, { migrations }] = await Promise.all([
    import('../../db/open/postgres.ts'),
    import('../../db/dialect/postgres.ts'),
    import('./migrations/postgres.ts'),
  ])
  // Hyperdrive shares a session between transactions, as poolers do, and encrypts the connection
  // itself.
  const open = () =>
    openPostgres({ url, poolSize: CONNECTIONS, pooled: true, lastMigration: lastTag(migrations) })
  return {
    db: perRequestScope(postgres, open),
    migrations,
    engine: 'Postgres by Hyperdrive',
    where: onServer,
  }
}
