import { join } from 'node:path'
import { run } from '../servers/process.ts'
import { type Engine, findEngine } from './engine.ts'

const ROOT = join(import.meta.dirname, '../../..')
export const IMAGE = 'localhost/taskport-test'

/** What a Space sets, and what its owner may set: a build gets all variables as arguments. */
const SPACE = {
  SPACE_ID: 'ada/tasks',
  SPACE_HOST: 'ada-tasks.hf.space',
  SPACE_AUTHOR_NAME: 'ada',
  SPACE_REPO_NAME: 'tasks',
  SPACE_CREATOR_USER_ID: '0123456789abcdef01234567',
  CPU_CORES: '2',
  MEMORY: '16Gi',
  NODE_ENV: 'development',
  PORT: '1',
  DATABASE_URL: 'postgres://no.such.host/tasks',
}

const engine = await findEngine()
/** The image, built from this folder, and what runs it; `absent` says what the machine lacks for that. */
export const built: { readonly absent: string } | { readonly engine: Engine } = 'absent' in engine ? engine : { engine }
if ('engine' in built) await built.engine.build(ROOT, IMAGE, SPACE)

type Inspected = {
  readonly Size: number
  readonly Config: {
    readonly User: string
    readonly Env: readonly string[]
    readonly Cmd: readonly string[]
    readonly Labels: Readonly<Record<string, string>>
    readonly ExposedPorts: Readonly<Record<string, object>>
    readonly Healthcheck: { readonly Test: readonly string[] }
  }
}
/** What an image says of itself. */
export const inspect = async ({ client: [command, ...options] }: Engine, image: string): Promise<Inspected> => {
  const { stdout } = await run(command, [...options, 'image', 'inspect', image])
  const [{ HealthCheck, Healthcheck = HealthCheck, Size, Config }] = JSON.parse(stdout)
  return { Size, Config: { Healthcheck, ...Config } }
}
