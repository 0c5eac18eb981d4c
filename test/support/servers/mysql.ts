import { join } from 'node:path'
import {
  type Absent,
  findCommand,
  freePort,
  runToEnd,
  type Server,
  scratch,
  startServer,
  user,
} from './process.ts'

const given = process.env['TEST_MYSQL_URL']
const [server, install] = [findCommand('mariadbd'), findCommand('mariadb-install-db')]

export const mariaDbIsAbsent: Absent | undefined =
  server && install
    ? undefined
    : { absent: 'MariaDB: install mariadb-server, or set TEST_MYSQL_URL' }
export const mySqlIsAbsent: Absent | undefined = given ? undefined : mariaDbIsAbsent

/** MariaDB as the machine has it, with an empty database; `options` are its own. */
export const startMariaDb = async (options: readonly string[]): Promise<Server> => {
  if (!server || !install) throw new Error(mariaDbIsAbsent?.absent)
  const folder = await scratch('mariadb')
  const [data, port] = [join(folder, 'data'), await freePort()]
  const common = ['--no-defaults', `--datadir=${data}`]
  await runToEnd(
    install,
    [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    // A server that starts deletes the temporary tables that others have in the same folder.
    { ...user, env: { ...process.env, TMPDIR: folder } },
  )
  const place = [
    `--tmpdir=${folder}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
  ]
  const stop = await startServer(server, [...common, ...place, ...options], { port, folder })
  return { url: `mysql://root@127.0.0.1:${port}/mysql`, stop }
}

const DEFAULTS = ['--innodb-flush-log-at-trx-commit=0', '--max-connections=300']
/** For data that need not survive the machine: nothing waits for the disk. */
export const WITHOUT_SYNC = ['--debug-no-sync', '--skip-innodb-doublewrite', '--skip-sync-frm']

/** The server at TEST_MYSQL_URL, or else MariaDB with these options. */
export const startMySql = async (options: readonly string[] = []): Promise<Server | Absent> => {
  if (given) return { url: given, stop: async () => {} }
  return mariaDbIsAbsent ?? startMariaDb([...DEFAULTS, ...options])
}
