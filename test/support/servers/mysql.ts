import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  type Absent,
  freePort,
  runToEnd,
  type Server,
  scratch,
  startServer,
  user,
} from './process.ts'

const find = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

const given = process.env['TEST_MYSQL_URL']
const [server, install] = [find('mariadbd'), find('mariadb-install-db')]

export const mySqlIsAbsent: Absent | undefined =
  given || (server && install)
    ? undefined
    : { absent: 'MariaDB: install mariadb-server, or set TEST_MYSQL_URL' }

/** MariaDB as the machine has it, or the server at TEST_MYSQL_URL. */
export const startMySql = async (): Promise<Server | Absent> => {
  if (given) return { url: given, stop: async () => {} }
  if (!server || !install) return mySqlIsAbsent as Absent
  const folder = await scratch('mariadb')
  const data = join(folder, 'data')
  await runToEnd(
    install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    user,
  )
  const port = await freePort()
  const settings = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
  ]
  const stop = await startServer(
    server,
    [...settings, '--innodb-flush-log-at-trx-commit=0', '--max-connections=300'],
    { port, folder },
  )
  return { url: `mysql://root@127.0.0.1:${port}/mysql`, stop }
}
