// The Worker on workerd itself. `wrangler dev` stands in between with a proxy, which a caller who hangs up does not always get through.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { freePort } from '../support/servers/process.ts'
import type { Started, StartOptions } from './suite.ts'

/** The binary that wrangler brings; its package has no types. */
const { default: WORKERD } = createRequire(createRequire(import.meta.url).resolve('wrangler'))('workerd') as { default: string }
const SCRIPT = join(import.meta.dirname, '../../dist/worker')

/** A text of Cap'n Proto's. */
const quoted = (text: string): string => JSON.stringify(text)

const databaseBinding = (database: string): { service: string; binding: string } => {
  if (!database.startsWith('postgres:')) return { service: '', binding: `(name = "DATABASE_URL", text = ${quoted(database)})` }
  const { host, pathname, username } = new URL(database)
  const parts = `designator = "postgres", database = ${quoted(pathname.slice(1))}, user = ${quoted(username)}, password = "none", scheme = "postgres"`
  return {
    service: `(name = "postgres", external = (address = ${quoted(host)}, tcp = ())),`,
    binding: `(name = "HYPERDRIVE", hyperdrive = (${parts}))`,
  }
}

/** What wrangler.toml says, in workerd's own terms; the script's files are in `worker/` beside it. */
const configOf = ({ database, env = {} }: StartOptions, port: number): string => {
  const { service, binding } = databaseBinding(database)
  const files = ['worker.js', ...readdirSync(SCRIPT).filter((name) => name !== 'worker.js')]
  const modules = files.map((name) => `(name = ${quoted(name)}, esModule = embed ${quoted(`worker/${name}`)})`)
  const variables = Object.entries(env).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .taskport), ${service} (name = "internet", network = (allow = ["private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const taskport :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  bindings = [${[binding, ...variables].join(', ')}],
  compatibilityDate = "2026-11-17",
);
`
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

export const startWorkerd = async (options: StartOptions): Promise<Started> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-workerd-'))
  cpSync(SCRIPT, join(folder, 'worker'), { recursive: true })
  const port = await freePort()
  writeFileSync(join(folder, 'config.capnp'), configOf(options, port))
  const child = spawn(WORKERD, ['serve', join(folder, 'config.capnp')], { stdio: ['ignore', 'pipe', 'pipe'] })
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
    stop: () => {
      child.kill('SIGTERM')
      return closed
    },
  }
}
