// Empty databases on the servers that tests have, named by their URLs.
import { randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { inject } from 'vitest'
import { startLibsql } from './servers/libsql.ts'

/** An empty database: its DATABASE_URL, and what removes it. */
export type Fresh = { readonly url: string; drop(): Promise<void> }

const freshName = () => `t_${randomUUID().replaceAll('-', '')}`
const inDatabase = (url: string, name: string) =>
  Object.assign(new URL(url), { pathname: `/${name}` }).href

const onPostgres = async (url: string): Promise<Fresh> => {
  const name = freshName()
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name}`)
  return {
    url: inDatabase(url, name),
    drop: async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

const onMySql = async (url: string): Promise<Fresh> => {
  const name = freshName()
  const admin = await mysql.createConnection(url)
  await admin.query(`create database ${name} character set utf8mb4`)
  await admin.end()
  return {
    url: inDatabase(url, name),
    drop: async () => {
      const again = await mysql.createConnection(url)
      await again.query(`drop database ${name}`)
      await again.end()
    },
  }
}

const onLibsql = async (): Promise<Fresh> => {
  const { url, stop } = await startLibsql()
  return { url, drop: stop }
}

/** The servers by name; undefined for those that this machine does not have. */
export const freshDatabases = (): Record<
  'Postgres' | 'MariaDB' | 'libSQL server',
  (() => Promise<Fresh>) | undefined
> => {
  const { postgres, mysql, libsql } = inject('servers')
  return {
    Postgres: postgres === undefined ? undefined : () => onPostgres(postgres),
    MariaDB: mysql === undefined ? undefined : () => onMySql(mysql),
    'libSQL server': libsql ? onLibsql : undefined,
  }
}
