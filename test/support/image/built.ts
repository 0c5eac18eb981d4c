import { join } from 'node:path'
import { runToEnd } from '../servers/process.ts'
import { SPACE } from '../space.ts'
import { type Engine, findEngine } from './engine.ts'

const ROOT = join(import.meta.dirname, '../../..')
export const IMAGE = 'localhost/taskport-test'

/** A build on a Space gets its variables, and those that its owner has set, as arguments. */
const ARGUMENTS = {
  ...SPACE,
  NODE_ENV: 'development',
  PORT: '1',
  DATABASE_URL: 'postgres://no.such.host/tasks',
}

const engine = await findEngine()
/**
 * The image, built from this folder, and what runs it; `absent` says what the machine lacks for
 * that.
 */
export const built: { readonly absent: string } | { readonly engine: Engine } =
  'absent' in engine ? engine : { engine }
if ('engine' in built) await built.engine.build(ROOT, IMAGE, ARGUMENTS)

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
export const inspect = async (
  { client: [command, ...options] }: Engine,
  image: string,
): Promise<Inspected> => {
  const { stdout } = await runToEnd(command, [...options, 'image', 'inspect', image])
  const [{ HealthCheck, Healthcheck = HealthCheck, Size, Config }] = JSON.parse(stdout)
  return { Size, Config: { Healthcheck, ...Config } }
}
