// Empty databases on the servers that tests have, named by their URLs.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { inject } from 'vitest'
import { startLibsql } from './servers/libsql.ts'

/**
 * An empty database: its DATABASE_URL, and what removes it. `socket` is the path of its server's
 * socket, where that is on this machine: by it a request takes half the CPU that it takes by TCP.
 */
export type Fresh = { readonly url: string; readonly socket?: string; drop(): Promise<void> }

const bySocket = (path: string): Pick<Fresh, 'socket'> => (existsSync(path) ? { socket: path } : {})

const freshName = () => `t_${randomUUID().replaceAll('-', '')}`
const inDatabase = (url: string, name: string) =>
  Object.assign(new URL(url), { pathname: `/${name}` }).href

/** With what is in the database `template`, to which nothing may be connected, or empty. */
const onPostgres = async (url: string, template?: Fresh): Promise<Fresh> => {
  const name = freshName()
  const { default: postgres } = await import('postgres')
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  const like = template && `template ${new URL(template.url).pathname.slice(1)} strategy file_copy`
  await admin.unsafe(`create database ${name} ${like ?? ''}`)
  const [row] = await admin`show unix_socket_directories`
  return {
    url: inDatabase(url, name),
    ...bySocket(`${row?.['unix_socket_directories']}/.s.PGSQL.${new URL(url).port}`),
    drop: async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

const onMySql = async (url: string): Promise<Fresh> => {
  const name = freshName()
  const { default: mysql } = await import('mysql2/promise')
  const admin = await mysql.createConnection(url)
  await admin.query(`create database ${name} character set utf8mb4`)
  const [[row]] = (await admin.query('select @@socket as socket')) as unknown as [
    [{ socket: string }],
  ]
  await admin.end()
  return {
    url: inDatabase(url, name),
    ...bySocket(row.socket),
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
  'MariaDB' | 'libSQL server',
  (() => Promise<Fresh>) | undefined
> & { readonly Postgres: ((template?: Fresh) => Promise<Fresh>) | undefined } => {
  const { postgres, mysql, libsql } = inject('servers')
  return {
    Postgres: postgres === undefined ? undefined : (template) => onPostgres(postgres, template),
    MariaDB: mysql === undefined ? undefined : () => onMySql(mysql),
    'libSQL server': libsql ? onLibsql : undefined,
  }
}
