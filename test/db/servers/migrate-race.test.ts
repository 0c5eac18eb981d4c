// Any number of processes may boot at once, on an empty database and on one of an older version.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database, DialectName } from '../../../src/db/database.ts'
import type { Migration } from '../../../src/db/migrate.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery, write } from '../../../src/db/statement.ts'
import { openDatabase } from '../../../src/runtimes/node/database.ts'
import { openServer } from '../../../src/runtimes/node/database-server.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import { type Fresh, freshDatabases } from '../../support/fresh.ts'
import { MIGRATOR, runTaskport, temporaryFolder } from '../../support/process.ts'
import { freePort } from '../../support/servers/process.ts'
import { patience, sized, until } from '../../support/size.ts'

const PROCESSES = sized('MIGRATORS', { full: 6, small: 3 })
type Done = { readonly applied: string[]; readonly ledger: string[] }

/**
 * Starts the processes, waits until all are ready, lets them go at once, and answers what each did.
 */
const race = async (url: string, migrations: readonly Migration[]): Promise<Done[]> => {
  const children = Array.from({ length: PROCESSES }, () =>
    fork(MIGRATOR, [url, JSON.stringify(migrations)], { execArgv: [] }),
  )
  await Promise.all(children.map((child) => once(child, 'message')))
  const done = children.map(async (child) => {
    const ended = once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`it ended with ${code}`)),
    )
    ended.catch(() => {})
    child.send('go')
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message as Done
  })
  const results = await Promise.all(done)
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
  return results
}

/** Fails where it is applied twice, or where a part of it is missing. */
const second: Migration = {
  tag: '9000_more',
  statements: [
    'create table more (id integer primary key)',
    'insert into more (id) values (1)',
    'alter table more add column note integer',
  ],
}
const count = rawQuery<{ n: unknown }>('select count(*) from more', ['n'])

const openAt = async (url: string): Promise<Database> => {
  const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
  return place.kind === 'file' ? openFile(place.path) : openServer(place, { poolSize: 2 })
}
const onFile = async (): Promise<Fresh> => ({
  url: `file:${join(temporaryFolder(), 'taskport.db')}`,
  drop: async () => {},
})

const databases = { 'libSQL file': onFile, ...freshDatabases() }
const dialects: Record<keyof typeof databases, DialectName> = {
  'libSQL file': 'sqlite',
  'libSQL server': 'sqlite',
  Postgres: 'postgres',
  MariaDB: 'mysql',
}

const tagsOf = (list: readonly Migration[]) => list.map(({ tag }) => tag)

describe.each(Object.keys(databases) as (keyof typeof databases)[])('on %s', (name) => {
  const make = databases[name]
  const first = readMigrations(dialects[name])
  const everybody = (ledger: string[]) => Array.from({ length: PROCESSES }, () => ledger)

  test.skipIf(make === undefined)(
    `${PROCESSES} processes at once make the tables of an empty database, and bring up an older one`,
    async () => {
      const { url, drop } = await (make ?? onFile)()
      const empty = await race(url, first)
      expect(empty.flatMap(({ applied }) => applied).sort()).toEqual(tagsOf(first))
      expect(empty.map(({ ledger }) => ledger)).toEqual(everybody(tagsOf(first)))

      const all = [...first, second]
      const older = await race(url, all)
      expect(older.flatMap(({ applied }) => applied)).toEqual([second.tag])
      expect(older.map(({ ledger }) => ledger)).toEqual(everybody(tagsOf(all)))

      const db = await openAt(url)
      expect(Number((await db.one(count))?.n)).toBe(1)
      await db.close()
      const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
      await expect(openDatabase(place, { databasePoolSize: 1, migrate: 'auto' })).rejects.toThrow(
        /newer version of Taskport \(9000_more\)/,
      )
      await drop()
    },
  )
})

test.skipIf(databases.MariaDB === undefined)(
  'a migration that stopped half-way is refused, whatever MIGRATE says',
  async () => {
    const { url, drop } = await (databases.MariaDB ?? onFile)()
    const db = await openAt(url)
    const first = readMigrations('mysql')
    await db.migrate(first)
    const half = rawQuery(
      `update migrations set state = 'started' where tag = '${first[0]?.tag}'`,
      [],
    )
    await db.atomic([write(half, {})])
    await db.close()
    const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
    for (const migrate of ['auto', 'check', 'off'] as const)
      await expect(openDatabase(place, { databasePoolSize: 1, migrate })).rejects.toThrow(
        /^DATABASE_URL leads to mysql at 127\.0\.0\.1:\d+, which cannot be used: the migration 0000_\w+ stopped half-way; restore a backup/,
      )
    await drop()
  },
)

test.skipIf(databases.MariaDB === undefined)(
  'a service that is told to end while it migrates ends behind the migrations',
  async () => {
    const { url, drop } = await (databases.MariaDB ?? onFile)()
    const { default: mysql } = await import('mysql2/promise')
    const admin = await mysql.createConnection(url)
    // As another migrator would hold it, so that this one is in the middle of its work.
    await admin.query("select get_lock(concat(left(database(), 40), '.taskport.migrate'), 0)")
    const port = await freePort()
    const service = runTaskport({
      ...patience,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: url,
    })
    const waiting =
      "select count(*) as n from information_schema.processlist where db = database() and state = 'User lock'"
    await until(async () => {
      const [[row]] = (await admin.query(waiting)) as unknown as [[{ n: number }]]
      return row.n > 0
    })
    service.child.kill('SIGTERM')
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    await admin.query("do release_lock(concat(left(database(), 40), '.taskport.migrate'))")
    expect(await service.exit, service.err()).toBe(0)
    const db = await openAt(url)
    expect(await db.migrated()).toEqual(tagsOf(readMigrations('mysql')))
    await db.close()
    await admin.end()
    await drop()
  },
)

test.skipIf(databases.MariaDB === undefined)(
  'a migrator that ends after its announcement: the next one goes on, and the older version stays refused',
  async () => {
    const { url, drop } = await (databases.MariaDB ?? onFile)()
    const first = readMigrations('mysql')
    const db = await openAt(url)
    await db.migrate(first)
    await db.atomic([
      write(
        rawQuery(`insert into migrations (tag, state) values ('${second.tag}', 'announced')`, []),
        {},
      ),
    ])
    expect(await db.migrated(), 'nothing of it is done').toEqual(tagsOf(first))
    const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
    await expect(openDatabase(place, { databasePoolSize: 1, migrate: 'auto' })).rejects.toThrow(
      /newer version of Taskport \(9000_more\)/,
    )
    expect(await db.migrate([...first, second])).toEqual([second.tag])
    expect(await db.migrated()).toEqual(tagsOf([...first, second]))
    await db.close()
    await drop()
  },
)
