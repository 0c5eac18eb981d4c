// Every database that the service runs on, opened anew and migrated, for suites that all of them
// have to pass.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { Database, DialectName } from '../../src/db/database.ts'
import { lastTag } from '../../src/db/migrate.ts'
import { onD1 } from '../../src/db/open/d1.ts'
import { openFile, openFileToRead } from '../../src/db/open/file.ts'
import { compile, write } from '../../src/db/statement.ts'
import type { PrimaryMethods } from '../../src/runtimes/node/cluster/protocol.ts'
import type { Methods } from '../../src/runtimes/node/cluster/rpc.ts'
import { receiveBatches, sendBatches } from '../../src/runtimes/node/cluster/write-forwarding.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { startD1 } from './d1.ts'
import { type Fresh, freshDatabases } from './fresh.ts'
import { peers } from './peers.ts'
import { startLibsql } from './servers/libsql.ts'
import { isSmall } from './size.ts'

export type Opened = { readonly db: Database; close(): Promise<void> }

/**
 * A busy machine may be slow: what happens to calls that wait too long is tested where the servers
 * go away.
 */
const deadline = Number.POSITIVE_INFINITY
/** Without a deadline nothing ends what the driver makes of a connection that took too long. */
const connectTimeout = 60_000

/** As the service opens it: it refuses to write beside a newer version. */
const lastOf = (dialect: DialectName) => ({ lastMigration: lastTag(readMigrations(dialect)) })

/** Makes something once for all tests of this process; again where that has failed. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

const migrated = async (db: Database, after: () => Promise<unknown>): Promise<Opened> => {
  await db.migrate(readMigrations(db.dialect.name))
  return {
    db,
    close: async () => {
      await db.close()
      await after()
    },
  }
}

/** A file of which others are copies, because it takes ten times as long to migrate one. */
const migratedFile = once(async (): Promise<Buffer> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-'))
  const path = join(folder, 'taskport.db')
  await (await migrated(openFile(path, lastOf('sqlite')), async () => {})).close()
  const bytes = await readFile(path)
  await rm(folder, { recursive: true })
  return bytes
})

/** A migrated file in a folder of its own. */
const copyOfFile = async (): Promise<{ readonly path: string; remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-'))
  const path = join(folder, 'taskport.db')
  await writeFile(path, await migratedFile())
  return { path, remove: () => rm(folder, { recursive: true }) }
}

const openTemporaryFile = async (): Promise<Opened> => {
  const { path, remove } = await copyOfFile()
  return migrated(openFile(path, lastOf('sqlite')), remove)
}

/**
 * A file as a worker has it: it reads, and another process writes. Here that is the other end of a
 * pair.
 */
const openWorkersFile = async (): Promise<Opened> => {
  const { path, remove } = await copyOfFile()
  const written = await migrated(openFile(path, lastOf('sqlite')), remove)
  const { first } = peers<PrimaryMethods, Methods>({ atomic: receiveBatches(written.db) }, {})
  const db = openFileToRead(path, { atomic: sendBatches(first) })
  return {
    db: { ...db, migrate: written.db.migrate },
    close: async () => {
      await db.close()
      await written.close()
    },
  }
}

// Drivers are loaded where they are used: together they are 300 files.
const openLibsqlServer = async (): Promise<Opened> => {
  const [{ createClient }, { openLibsql }] = await Promise.all([
    import('@libsql/client/node'),
    import('../../src/db/open/libsql.ts'),
  ])
  const server = await startLibsql()
  return migrated(
    openLibsql(createClient, { url: server.url, deadline, ...lastOf('sqlite') }),
    server.stop,
  )
}

const openD1 = async (): Promise<Opened> => {
  const { binding, stop } = await startD1()
  return migrated(onD1(binding, { deadline, ...lastOf('sqlite') }), stop)
}

const openPostgresAt = async ({ url, socket }: Fresh) => {
  const { openPostgres } = await import('../../src/db/open/postgres.ts')
  return openPostgres({
    url,
    deadline,
    connectTimeout,
    ...lastOf('postgres'),
    ...(socket && { socket }),
  })
}

/** A database of which others are copies, as with files. It is there until its server ends. */
const migratedPostgres = once(async (): Promise<Fresh> => {
  const template = await (freshDatabases().Postgres as () => Promise<Fresh>)()
  await (await migrated(await openPostgresAt(template), async () => {})).close()
  return template
})

const openFreshPostgres = async (make: (template: Fresh) => Promise<Fresh>): Promise<Opened> => {
  const fresh = await make(await migratedPostgres())
  return migrated(await openPostgresAt(fresh), fresh.drop)
}

const openFreshMySql = async (make: () => Promise<Fresh>): Promise<Opened> => {
  const { openMySql } = await import('../../src/db/open/mysql.ts')
  const { url, socket, drop } = await make()
  const options = { url, deadline, connectTimeout, ...lastOf('mysql') }
  return migrated(openMySql({ ...options, ...(socket && { socket }) }), drop)
}

const available = (): Record<string, (() => Promise<Opened>) | undefined> => {
  const { Postgres, MariaDB, 'libSQL server': libsql } = freshDatabases()
  return {
    'libSQL file': openTemporaryFile,
    'libSQL file of a worker': openWorkersFile,
    'libSQL server': libsql ? openLibsqlServer : undefined,
    D1: openD1,
    Postgres: Postgres && (() => openFreshPostgres(Postgres)),
    MariaDB: MariaDB && (() => openFreshMySql(MariaDB)),
  }
}

/** Deletes everything but the tables, for suites that begin each test with nothing. */
export const clear = async ({ dialect: { q, t }, atomic }: Database): Promise<void> => {
  const all = [
    t.leases,
    t.bulkResults,
    t.importPieces,
    t.importRows,
    t.importNotes,
    t.imports,
    t.bulkParents,
    t.bulkOperations,
    t.settings,
    t.signingKeys,
    t.rateLimits,
    t.receipts,
    t.changes,
    t.taskOccurrences,
    t.taskLabels,
    t.taskBlockers,
    t.comments,
    t.labels,
    t.tasks,
    t.projects,
    t.apiKeys,
    t.identities,
    t.signInCodes,
    t.refreshTokens,
    t.sessions,
    t.users,
  ]
  await atomic(all.map((table) => write(compile(q.delete(table)), {})))
}

/**
 * What `npm test` runs on. The project `databases` of `vitest.config.ts` says which others there are,
 * in a small run with the suites that say most of a store.
 */
const USUAL = ['libSQL file', ...(isSmall ? [] : ['Postgres', 'MariaDB'])]

/**
 * Declares a suite once for the usual databases, or for `databases`; where TEST_DATABASES names some
 * (`Postgres,D1`), for those of them.
 */
export const describeEachDatabase = (
  name: string,
  suite: (open: () => Promise<Opened>, database: string) => void,
  databases?: readonly string[],
): void => {
  const wanted = process.env['TEST_DATABASES']?.split(',') ?? databases ?? USUAL
  for (const [database, open] of Object.entries(available()))
    if (wanted.includes(database) && (databases ?? wanted).includes(database))
      describe.skipIf(open === undefined)(`${name} on ${database}`, () =>
        suite(open ?? openTemporaryFile, database),
      )
}

/**
 * Declares a suite for a database file beside each other kind of database, or beside those that
 * TEST_DATABASES names.
 */
export const describeBesideFile = (
  name: string,
  suite: (open: readonly (() => Promise<Opened>)[], database: string) => void,
): void => {
  const wanted = process.env['TEST_DATABASES']?.split(',')
  for (const [database, open] of Object.entries(available()))
    if (wanted?.includes(database) ?? !database.startsWith('libSQL file'))
      describe.skipIf(open === undefined)(`${name} on a file and on ${database}`, () =>
        suite([openTemporaryFile, open ?? openTemporaryFile], database),
      )
}

/** Declares a suite for what only the dialect decides: one database of each. */
export const describeEachDialect = (
  name: string,
  suite: (open: () => Promise<Opened>, database: string) => void,
): void => describeEachDatabase(name, suite, ['libSQL file', 'Postgres', 'MariaDB'])

/**
 * The database of suites that are not about databases: the file, or the one that TEST_DEFAULT
 * names.
 */
export const openDefault = (): Promise<Opened> => {
  const name = process.env['TEST_DEFAULT'] ?? 'libSQL file'
  const open = available()[name]
  if (!open) throw new Error(`${name} is not here to be tested`)
  return open()
}
