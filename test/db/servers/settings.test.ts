// Servers, databases and roles with settings that nobody here chose: the service sets what it relies on, or
// refuses to start with a sentence.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { describe, expect, inject, test } from 'vitest'
import { createLog } from '../../../src/core/log.ts'
import { openConnection } from '../../../src/db/open/file/connection.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { freshDatabases } from '../../support/fresh.ts'
import { mariaDbIsAbsent, startMariaDb } from '../../support/servers/mysql.ts'
import { scratch } from '../../support/servers/process.ts'
import { createWorld, stillClock } from '../../support/world.ts'
import { holdSession, openAt } from './session.ts'

const makePostgres = freshDatabases().Postgres

/** A database of its own, after `statements` about it; `$db` is its name. */
const onPostgres = async (
  statements: readonly string[],
  run: (url: string) => Promise<void>,
): Promise<void> => {
  const fresh = await makePostgres?.()
  if (!fresh) throw new Error('no server')
  const name = new URL(fresh.url).pathname.slice(1)
  const sql = postgres(fresh.url, { max: 1, onnotice: () => {} })
  try {
    for (const statement of statements) await sql.unsafe(statement.replaceAll('$db', name))
    await sql.end()
    await run(fresh.url)
  } finally {
    await fresh.drop()
  }
}

describe.skipIf(makePostgres === undefined)('Postgres', () => {
  test.each([
    [
      'how values are written',
      [
        "datestyle = 'German, DMY'",
        "intervalstyle = 'sql_standard'",
        "timezone = 'Asia/Kathmandu'",
        "bytea_output = 'escape'",
        'extra_float_digits = 0',
      ],
    ],
    ['another order of dates', ["datestyle = 'SQL, YMD'", "timezone = 'America/St_Johns'"]],
    [
      'how texts are read',
      [
        'standard_conforming_strings = off',
        'client_encoding = LATIN1',
        'backslash_quote = on',
        'quote_all_identifiers = on',
      ],
    ],
    [
      'transactions',
      [
        'default_transaction_isolation = serializable',
        'default_transaction_deferrable = on',
        'lock_timeout = 1',
        'statement_timeout = 1',
        'idle_in_transaction_session_timeout = 1',
        'synchronous_commit = off',
      ],
    ],
    [
      'how nulls and rows are seen',
      [
        'transform_null_equals = on',
        'array_nulls = off',
        'row_security = off',
        'enable_seqscan = off',
        'enable_indexscan = off',
        'plan_cache_mode = force_generic_plan',
      ],
    ],
  ])('a database with other defaults: %s', (_what, settings) =>
    onPostgres(
      settings.map((setting) => `alter database $db set ${setting}`),
      holdSession,
    ),
  )

  test('a search_path to a schema of its own', () =>
    onPostgres(
      [
        'create schema app',
        'alter database $db set search_path = nowhere, app',
        'revoke create on schema public from public',
      ],
      async (url) => {
        await holdSession(url)
        const sql = postgres(url, { max: 1 })
        const [row] =
          await sql`select table_schema from information_schema.tables where table_name = 'tasks'`
        expect(row?.['table_schema']).toBe('app')
        await sql.end()
      },
    ))

  test.each([
    ["search_path = ''", /cannot be used: no schema of its search_path exists/],
    ["search_path = 'nowhere'", /cannot be used: no schema of its search_path exists/],
    [
      'session_replication_role = replica',
      /cannot be used: its session_replication_role is replica/,
    ],
  ])('%s: it does not start', (setting, reason) =>
    onPostgres([`alter database $db set ${setting}`], async (url) => {
      await expect(openAt(url)).rejects.toThrow(reason)
      await expect(openAt(url)).rejects.toThrow(/^DATABASE_URL leads to postgres at [^ ]+, which/)
    }),
  )

  test.each(['LATIN1', 'SQL_ASCII', 'EUC_JP', 'WIN1252'])(
    'a database in %s: it does not start',
    async (encoding) => {
      const admin = postgres(inject('servers').postgres as string, { max: 1, onnotice: () => {} })
      const name = `t_${encoding.toLowerCase()}_${process.pid}`
      await admin.unsafe(
        `create database ${name} encoding '${encoding}' locale 'C' template template0`,
      )
      const url = Object.assign(new URL(inject('servers').postgres as string), {
        pathname: `/${name}`,
      })
      await expect(openAt(url.href)).rejects.toThrow(
        new RegExp(
          `^DATABASE_URL leads to postgres at [^ ]+, which cannot be used: its encoding is ${encoding}, .*encoding 'UTF8'`,
        ),
      )
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  )

  test('a database that its administrator made read-only is left so: 503, and the log says why', () =>
    onPostgres([], async (url) => {
      const name = new URL(url).pathname.slice(1)
      const readOnly = async (value: 'on' | 'off') => {
        const sql = postgres(url, {
          max: 1,
          connection: { default_transaction_read_only: 'off' } as never,
        })
        await sql.unsafe(`alter database ${name} set default_transaction_read_only = ${value}`)
        await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`
        await sql.end()
      }
      const lines: string[] = []
      const log = createLog('info', (line) => lines.push(line), stillClock())
      const world = await createWorld({ open: () => openAt(url), log })
      const register = () =>
        world.anonymous.post('/api/v1/auth/register', {
          email: 'ada@example.org',
          password: 'correct horse battery staple',
        })
      await readOnly('on')
      // The first ones may meet a session that was ended.
      while (!lines.some((line) => line.includes('read-only transaction')))
        expect(await register()).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      await readOnly('off')
      await world.close()
    }))
})

describe.skipIf(mariaDbIsAbsent !== undefined)('MariaDB', () => {
  const onMariaDb = async (
    options: readonly string[],
    globals: readonly string[],
    run: (url: string) => Promise<void>,
  ) => {
    const server = await startMariaDb(options)
    try {
      const admin = await mysql.createConnection(server.url)
      await admin.query("set session sql_mode = ''")
      await admin.query('create database taskport character set latin1')
      await admin.query("create user ada@'%' identified by 'pw'")
      await admin.query("grant all on taskport.* to ada@'%'")
      for (const statement of globals) await admin.query(`set global ${statement}`)
      await admin.end()
      // As a user without any right beyond its database.
      const { host } = new URL(server.url)
      await run(`mysql://ada:pw@${host}/taskport`)
    } finally {
      await server.stop()
    }
  }

  test('a server with other defaults', () =>
    onMariaDb(
      [
        '--group-concat-max-len=32',
        '--sql-mode=ANSI,PAD_CHAR_TO_FULL_LENGTH,EMPTY_STRING_IS_NULL,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE',
        '--default-time-zone=+09:00',
        '--skip-character-set-client-handshake',
        '--character-set-server=latin1',
        '--transaction-isolation=SERIALIZABLE',
        '--default-storage-engine=MyISAM',
        '--autocommit=0',
        '--completion-type=RELEASE',
        '--max-sort-length=64',
        '--lower-case-table-names=1',
      ],
      [
        'sql_select_limit = 2',
        'sql_safe_updates = 1',
        'foreign_key_checks = 0',
        'unique_checks = 0',
        'sql_auto_is_null = 1',
        'max_recursive_iterations = 2',
        'max_statement_time = 0.001',
        'innodb_lock_wait_timeout = 1',
        'wait_timeout = 1',
        "init_connect = 'set sql_select_limit = 1'",
      ],
      async (url) => {
        await holdSession(url)
        const admin = await mysql.createConnection(url)
        await admin.query('set session sql_select_limit = 100, max_statement_time = 0')
        const [engines] = await admin.query(
          "select distinct engine from information_schema.tables where table_schema = 'taskport'",
        )
        expect(engines).toEqual([{ engine: 'InnoDB' }])
        await admin.end()
      },
    ))

  test.each([
    [
      '--max-allowed-packet=64K',
      /cannot be used: its max_allowed_packet is 65536,.*set global max_allowed_packet/,
    ],
    [
      '--log-bin=binlog --binlog-format=STATEMENT',
      /cannot be used: its binlog_format is STATEMENT,.*binlog_format = ROW/,
    ],
  ])('%s: it does not start', (options, reason) =>
    onMariaDb(options.split(' '), [], async (url) => {
      await expect(openAt(url)).rejects.toThrow(reason)
    }),
  )
})

test.each(['UTF-16le', 'UTF-16be'])(
  'a database file in %s: it does not start',
  async (encoding) => {
    const folder = await scratch('encoding')
    const path = join(folder, 'x.db')
    const made = openConnection(path)
    made.exec(`pragma encoding = '${encoding}'`)
    made.exec('create table t (x)')
    made.close()
    await expect(openAt(`file:${path}`)).rejects.toThrow(
      new RegExp(
        `^DATABASE_URL leads to ${path}, which cannot be used: its encoding is ${encoding}`,
      ),
    )
    // What is only read, as the source of a copy, may be so.
    await openFile(path, { onlyRead: true }).close()
    await rm(folder, { recursive: true })
  },
)
