// Workers under `wrangler dev`: workerd as users have it on their machines, with a local D1.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { freePort } from '../../test/support/servers/process.ts'
import { listeningAt, quiet, WRANGLER } from '../../test/support/wrangler.ts'
import type { Answers } from '../scenarios.ts'
import { type Later, temporaryFolder } from '../temporary.ts'
import { ROOT, type Server, startServer } from './process.ts'
import { generous } from './service.ts'

const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
const start = async (folder: string, config: object, path: string): Promise<Server> => {
  const { compatibility_date, compatibility_flags } = rawConfig
  writeFileSync(
    join(folder, 'wrangler.json'),
    JSON.stringify({
      name: 'bench',
      compatibility_date,
      compatibility_flags,
      no_bundle: true,
      ...config,
    }),
  )
  const port = await freePort()
  const wrangler = [
    WRANGLER,
    'dev',
    '--config',
    join(folder, 'wrangler.json'),
    ...listeningAt(port),
  ]
  return startServer({
    // It says where it is on its standard output, where the service's log goes, too.
    command: 'sh',
    args: [
      '-c',
      '"$0" "$@" 2>&1 | grep --line-buffered "Ready on" >&2',
      process.execPath,
      ...wrangler,
      '--persist-to',
      join(folder, 'state'),
    ],
    env: { ...quiet, HOME: folder },
    cwd: folder,
    path,
    says: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
  })
}

/** The Worker that `npm run build:worker` makes. */
export const startWorker = (later: Later): Promise<Server> => {
  const main = join(ROOT, String(rawConfig.main))
  const config = {
    main,
    base_dir: join(main, '..'),
    find_additional_modules: true,
    rules: rawConfig.rules,
    assets: { directory: join(ROOT, String(rawConfig.assets?.directory)) },
    d1_databases: [{ binding: 'DB', database_name: 'taskport', database_id: 'local' }],
    vars: generous,
  }
  return start(temporaryFolder(later), config, '/ready')
}

export const startBareWorker = async (answers: Answers, later: Later): Promise<Server> => {
  const folder = temporaryFolder(later)
  mkdirSync(join(folder, 'script'))
  const contents = `import { bareApp } from '../bare/app.ts'; export default bareApp(${JSON.stringify(answers)})`
  await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    minify: true,
    outfile: join(folder, 'script/worker.js'),
  })
  return start(folder, { main: join(folder, 'script/worker.js') }, '/health')
}
