// An empty database of each kind that a service on this machine can use.
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { libsqlIsAbsent, startLibsql } from '../../test/support/servers/libsql.ts'
import { startMySql } from '../../test/support/servers/mysql.ts'
import { startPostgres } from '../../test/support/servers/postgres.ts'
import type { Absent } from '../../test/support/servers/process.ts'
import { type Later, temporaryFolder } from '../temporary.ts'

/** Answers its DATABASE_URL, or why it is not to be had; `later` ends it. */
type Open = (later: Later) => Promise<string | Absent>

const file: Open = async (later) => `file:${join(temporaryFolder(later), 'taskport.db')}`

const libsql: Open = async (later) => {
  if (libsqlIsAbsent) return libsqlIsAbsent
  const { url, stop } = await startLibsql()
  later(stop)
  return url
}

/** A server of its own. */
export const emptyPostgres = async (later: Later): Promise<string> => {
  const { url, stop } = await startPostgres()
  later(stop)
  return url
}

/** On a server at TEST_MYSQL_URL, too: gone afterwards. */
const BENCH = 'taskport_bench'
const mariaDb: Open = async (later) => {
  const server = await startMySql()
  if ('absent' in server) return server
  later(server.stop)
  const admin = await mysql.createConnection(server.url)
  await admin.query(`create or replace database ${BENCH} character set utf8mb4`)
  later(async () => {
    await admin.query(`drop database ${BENCH}`)
    await admin.end()
  })
  return Object.assign(new URL(server.url), { pathname: `/${BENCH}` }).href
}

export const databases = {
  file,
  'libSQL server': libsql,
  Postgres: emptyPostgres,
  MariaDB: mariaDb,
} as const satisfies Record<string, Open>
