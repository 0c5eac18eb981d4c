// The Worker on workerd itself. `wrangler dev` stands in between with a proxy, which a caller who
// hangs up does not always get through.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { accepts, freePort } from '../support/servers/process.ts'
import type { Started, StartOptions } from './suite.ts'

/** The binary that wrangler brings; its package has no types. */
const { default: BINARY } = createRequire(createRequire(import.meta.url).resolve('wrangler'))(
  'workerd',
) as { default: string }
const ROOT = join(import.meta.dirname, '../..')
const SCRIPT = join(ROOT, 'dist-worker/script')
const [, COMPATIBILITY_DATE = ''] =
  /^compatibility_date = "(.*)"$/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')) ?? []

type Modules = Readonly<Record<string, string>>
/** The files of the Worker as it was built, by their names. */
export const WORKER = (): Modules =>
  Object.fromEntries(
    readdirSync(SCRIPT).map((name) => [name, readFileSync(join(SCRIPT, name), 'utf8')]),
  )

/** Bindings and services in the terms of workerd's configuration, which is Cap'n Proto's. */
type Setup = {
  readonly modules: Modules
  readonly bindings?: readonly string[]
  readonly services?: readonly string[]
}

const quoted = (text: string): string => JSON.stringify(text)

const setupFor = ({ database, env = {} }: StartOptions): Setup => {
  const variables = Object.entries(env).map(
    ([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`,
  )
  if (!database.startsWith('postgres:'))
    return {
      modules: WORKER(),
      bindings: [...variables, `(name = "DATABASE_URL", text = ${quoted(database)})`],
    }
  const { host, pathname, username } = new URL(database)
  const parts = `designator = "postgres", database = ${quoted(pathname.slice(1))}, user = ${quoted(username)}, password = "none", scheme = "postgres"`
  return {
    modules: WORKER(),
    bindings: [...variables, `(name = "HYPERDRIVE", hyperdrive = (${parts}))`],
    services: [`(name = "postgres", external = (address = ${quoted(host)}, tcp = ()))`],
  }
}

/** The first module is the one that answers. */
const configOf = ({ modules, bindings = [], services = [] }: Setup, port: number): string => {
  const names = ['worker.js', ...Object.keys(modules).filter((name) => name !== 'worker.js')]
  const embedded = names.map(
    (name) => `(name = ${quoted(name)}, esModule = embed ${quoted(`modules/${name}`)})`,
  )
  const all = [
    '(name = "main", worker = .taskport)',
    '(name = "internet", network = (allow = ["private", "public"]))',
    ...services,
  ]
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${all.join(', ')}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const taskport :Workerd.Worker = (
  modules = [${embedded.join(', ')}],
  bindings = [${bindings.join(', ')}],
  compatibilityDate = ${quoted(COMPATIBILITY_DATE)},
);
`
}

/** `cpuMs`: milliseconds that the thread of the isolate has run (Linux). */
type Serving = Started & { cpuMs(): number }

export const serveWorkerd = async (setup: Setup): Promise<Serving> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-workerd-'))
  mkdirSync(join(folder, 'modules'))
  for (const [name, text] of Object.entries(setup.modules))
    writeFileSync(join(folder, 'modules', name), text)
  const port = await freePort()
  writeFileSync(join(folder, 'config.capnp'), configOf(setup, port))
  const child = spawn(BINARY, ['serve', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  const closed = once(child, 'close').then(() => {
    rmSync(folder, { recursive: true })
    return null
  })
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said}`)
    await after(20) // nothing tells when it listens
  }
  return {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    cpuMs: () =>
      Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/schedstat`, 'utf8').split(' ')[0]) /
      1e6,
    stop: () => {
      child.kill('SIGTERM')
      return closed
    },
  }
}

export const startWorkerd = (options: StartOptions): Promise<Started> =>
  serveWorkerd(setupFor(options))
