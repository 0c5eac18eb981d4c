// A database of another program is not migrated: it stays as it is, and the refusal names its tables
// and the command that brings tasks over.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client/node'
import Libsql from 'libsql'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { onD1 } from '../../src/db/open/d1.ts'
import { lackingOfOurs } from '../../src/db/other-tables.ts'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { startD1 } from '../support/d1.ts'
import { type Fresh, freshDatabases } from '../support/fresh.ts'
import { runTaskport, temporaryFolder } from '../support/process.ts'

const start = async (url: string, env: Record<string, string> = {}) => {
  const config = parseConfig({ DATABASE_URL: url, ...env })
  const { db } = await openDatabase(findDatabaseTarget(config), config)
  await db.close()
}

type Run = (url: string, statements: readonly string[]) => Promise<unknown[]>
/** Runs statements; answers the rows of the last. */
const runOn: Record<string, Run> = {
  'libSQL file': async (url, statements) => {
    const db = new Libsql(url.slice('file:'.length))
    for (const text of statements.slice(0, -1)) db.exec(text)
    const last = statements.at(-1) ?? ''
    const rows = last.startsWith('select') ? db.prepare(last).all() : void db.exec(last)
    db.close()
    return rows ?? []
  },
  'libSQL server': async (url, statements) => {
    const client = createClient({ url })
    let rows: unknown[] = []
    for (const text of statements) rows = (await client.execute(text)).rows
    client.close()
    return rows
  },
  Postgres: async (url, statements) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} })
    let rows: unknown[] = []
    for (const text of statements) rows = [...(await sql.unsafe(text))]
    await sql.end()
    return rows
  },
  MariaDB: async (url, statements) => {
    const connection = await mysql.createConnection(url)
    let rows: unknown = []
    for (const text of statements) [rows] = await connection.query(text)
    await connection.end()
    return rows as unknown[]
  },
}
const listOf: Record<string, string> = {
  'libSQL file': 'select name from sqlite_master order by name',
  'libSQL server': 'select name from sqlite_master order by name',
  Postgres: "select relname from pg_class where relnamespace = 'public'::regnamespace order by 1",
  MariaDB:
    'select table_name, index_name from information_schema.statistics where table_schema = database() order by 1, 2',
}

const file = async (): Promise<Fresh> => ({
  url: `file:${join(temporaryFolder(), 'todo.db')}`,
  drop: async () => {},
})
const databases: Record<string, (() => Promise<Fresh>) | undefined> = {
  'libSQL file': file,
  ...freshDatabases(),
}

for (const [name, fresh] of Object.entries(databases))
  describe.skipIf(fresh === undefined)(name, () => {
    const prepare = async (...statements: string[]) => {
      const { url, drop } = await (fresh ?? file)()
      onTestFinished(drop)
      const run = runOn[name] as Run
      if (statements.length > 0) await run(url, statements)
      return { url, tables: () => run(url, [listOf[name] as string]) }
    }
    const task = 'create table tasks (id varchar(36) primary key, title varchar(200))'
    const user = 'create table users (id varchar(36) primary key, email varchar(200))'

    test.each([
      [[task], 'it has the table tasks, and Taskport did not make it', true],
      [[user, task], 'it has the tables tasks, users, and Taskport did not make them', true],
      // The name of the ledger is one that other programs use, too.
      [
        [task, 'create table migrations (id int primary key, name varchar(200))'],
        'it has the tables migrations, tasks, and',
        true,
      ],
      [
        ['create table labels (id int primary key)'],
        'it has the table labels, and Taskport did not make it: name an empty database',
        false,
      ],
      [['create view projects as select 1 as id'], 'it has the table projects, and', false],
    ] as const)('%s', async (statements, reason, family) => {
      const { url, tables } = await prepare(...statements)
      const before = await tables()
      for (const MIGRATE of ['auto', 'check']) {
        const started = start(url, { MIGRATE })
        await expect(started).rejects.toThrow(reason)
        await expect(started).rejects.toThrow(/^DATABASE_URL leads to /)
        await (family
          ? expect(started).rejects.toThrow('npm run import:legacy -- --from')
          : expect(started).rejects.not.toThrow('import:legacy'))
      }
      expect(await tables()).toEqual(before)
    })

    test('its own database, and one with other tables, start', async () => {
      const { url } = await prepare('create table todos (id int primary key)')
      await start(url)
      await start(url)
    })
  })

test('the file of another program keeps every byte', async () => {
  const { url } = await file()
  await runOn['libSQL file']?.(url, [
    'create table tasks (id integer primary key)',
    'insert into tasks values (1)',
  ])
  const digest = () =>
    createHash('sha256')
      .update(readFileSync(url.slice('file:'.length)))
      .digest('hex')
  const before = digest()
  const { exit, err } = runTaskport({ DATABASE_URL: url, PORT: '0', HOST: '127.0.0.1' })
  expect(await exit).toBe(1)
  expect(err()).toMatch(
    /^taskport: DATABASE_URL leads to \S+\/todo\.db, which cannot be used: it has the table tasks, [^\n]+ npm run import:legacy -- --from [^\n]+\n$/,
  )
  expect(digest()).toBe(before)
})

test('an index of another program is named', async () => {
  const { url } = await file()
  await runOn['libSQL file']?.(url, [
    'create table people (email text)',
    'create index users_email on people (email)',
  ])
  await expect(start(url)).rejects.toThrow(
    'which already has the index users_email, and Taskport did not make it',
  )
})

test('D1', async () => {
  const { binding, stop } = await startD1()
  onTestFinished(stop)
  const db = onD1(binding)
  const migrations = readMigrations('sqlite')
  expect(await lackingOfOurs(db, migrations)).toHaveLength(migrations.length)
  await binding.prepare('create table tasks (id integer primary key)').run()
  await expect(lackingOfOurs(db, migrations)).rejects.toThrow('it has the table tasks')
  await binding.prepare('drop table tasks').run()
  await db.migrate(migrations)
  expect(await lackingOfOurs(db, migrations)).toEqual([])
})
