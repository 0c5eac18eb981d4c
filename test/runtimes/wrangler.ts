// The Worker under `wrangler dev`: the command, the configuration and the runtime (workerd) that
// users have.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { createDeferred } from '../../src/core/deferred.ts'
import { freePort, runToEnd } from '../support/servers/process.ts'
import { listeningAt, quiet, WRANGLER } from '../support/wrangler.ts'
import type { Started, StartOptions } from './suite.ts'

const ROOT = join(import.meta.dirname, '../..')
const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })

type Bound = {
  readonly bindings: object
  readonly vars: Record<string, string>
  readonly state?: string
}

/**
 * What is bound for a database: `d1:` and a folder, a URL of Postgres or of a libSQL server, or ''
 * for nothing.
 */
const boundFor = (database: string): Bound => {
  if (database.startsWith('d1:'))
    return {
      bindings: {
        d1_databases: [{ binding: 'DB', database_name: 'taskport', database_id: 'local' }],
      },
      vars: {},
      state: database.slice(3),
    }
  if (database.startsWith('postgres:'))
    return {
      bindings: {
        hyperdrive: [
          { binding: 'HYPERDRIVE', id: 'local', localConnectionString: withPassword(database) },
        ],
      },
      vars: {},
    }
  return { bindings: {}, vars: database === '' ? {} : { DATABASE_URL: database } }
}

/** Hyperdrive wants one, also where the server asks for none. */
const withPassword = (url: string): string => Object.assign(new URL(url), { password: 'none' }).href

/**
 * The project's configuration with other bindings, in a folder of its own, for a script that is
 * built already.
 */
const writeConfig = async (
  folder: string,
  { bindings, vars }: Bound,
  env: Readonly<Record<string, string>>,
): Promise<string> => {
  const { build: _build, d1_databases: _databases, ...kept } = rawConfig
  const path = join(folder, 'wrangler.json')
  const main = join(ROOT, String(rawConfig.main))
  const assets = { directory: join(ROOT, String(rawConfig.assets?.directory)) }
  await writeFile(
    path,
    JSON.stringify({
      ...kept,
      ...bindings,
      main,
      base_dir: join(main, '..'),
      assets,
      vars: { ...vars, ...env },
    }),
  )
  return path
}

/**
 * `sql` asks the D1 database that the Worker uses, as its operator would; answers the rows of the
 * last statement.
 */
type StartedWrangler = Started & {
  sql(command: string): Promise<readonly Record<string, unknown>[]>
}

export const startWrangler = async ({
  database,
  env = {},
}: StartOptions): Promise<StartedWrangler> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-wrangler-'))
  const bound = boundFor(database)
  const config = await writeConfig(folder, bound, env)
  const port = await freePort()
  const common = ['--config', config, '--persist-to', bound.state ?? join(folder, 'state')]
  const surroundings = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...quiet } }
  const child = spawn(process.execPath, [WRANGLER, 'dev', ...common, ...listeningAt(port)], {
    ...surroundings,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  const { promise: ready, resolve, reject } = createDeferred<void>()
  const closed = once(child, 'close').then(async () => {
    reject(new Error(`it ended: ${said}`))
    await rm(folder, { recursive: true, force: true })
    return null
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
      if (said.includes(`Ready on http://127.0.0.1:${port}`)) resolve()
    })
  await ready
  return {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    sql: async (command) => {
      const args = [
        WRANGLER,
        'd1',
        'execute',
        'taskport',
        '--local',
        '--json',
        '--command',
        command,
        ...common,
      ]
      const { stdout } = await runToEnd(process.execPath, args, surroundings)
      return JSON.parse(stdout).at(-1).results
    },
    stop: () => {
      // The whole group at once: wrangler would end what stands in for Hyperdrive first, and the
      // Worker without it would answer 503.
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        process.kill(-child.pid, 'SIGTERM')
      return closed
    },
  }
}
