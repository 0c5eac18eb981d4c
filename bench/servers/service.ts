// The service, started as its users start it.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { ROOT, type Server, startServer } from './process.ts'

type Start = {
  readonly dataDir?: string
  readonly databaseUrl?: string
  readonly script?: 'start' | 'start:bun' | 'start:deno'
  /** The folder of another version. */
  readonly root?: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Everything counts and is checked, and nothing is refused: the limits are as high as they go.
 * Requests come from several people, because a single one may not do more than a million a minute.
 */
export const generous = {
  RATE_LIMIT_SIGN_IN_PER_ADDRESS: '1000000',
  RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '1000000',
  RATE_LIMIT_PER_USER: '1000000',
  QUOTA_TASKS: '1000000000',
} as const

const envOf = ({ dataDir, databaseUrl, env }: Start) => ({
  PORT: '0',
  HOST: '127.0.0.1',
  ...generous,
  ...(dataDir !== undefined && { DATA_DIR: dataDir }),
  ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  ...env,
})

/** As the npm script does it; for Node that is the bundle, which `build` makes. */
export const startService = (start: Start): Promise<Server> => {
  const { root = ROOT, script = 'start' } = start
  const { scripts } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as typeof manifest
  const [command = '', ...args] = scripts[script].replace(/^exec /, '').split(' ')
  return startServer({
    command: command === 'node' ? process.execPath : command,
    args,
    env: envOf(start),
    path: '/ready',
    cwd: root,
  })
}

/** What `npm start` tells V8. */
export const nodeFlags = manifest.scripts.start.split(' ').filter((word) => word.startsWith('--'))

/** From its sources, whose names a profile then shows, with the flags that users start it with. */
export const startSource = (
  start: Start & { readonly nodeOptions: readonly string[] },
): Promise<Server> => {
  const args = [...nodeFlags, ...start.nodeOptions, 'src/runtimes/node.ts']
  return startServer({ command: process.execPath, args, env: envOf(start), path: '/ready' })
}

export const build = (script: 'build' | 'build:worker'): void => {
  const [, ...args] = manifest.scripts[script].split(' ')
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}
