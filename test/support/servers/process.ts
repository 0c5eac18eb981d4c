// Servers that tests bring: started here, stopped here, on loopback, in folders that are thrown
// away.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export type Server = { readonly url: string; stop(): Promise<void> }
/** A server that this machine does not have, and how it would get it. */
export type Absent = { readonly absent: string }

const NOBODY = 65534
/** Database servers refuse to run as root: then they run as nobody. */
export const user: { uid?: number; gid?: number } =
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** Where a command is that the machine has, also one for root alone. */
export const findCommand = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

/** Runs a command that ends by itself; answers what it said. Rejects unless it ends with 0. */
export const runToEnd = promisify(execFile)

/** A folder that the server's user may write to. */
export const scratch = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `taskport-${name}-`))
  if (user.uid !== undefined) await chown(folder, user.uid, NOBODY)
  return folder
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Is somebody listening there? */
export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/**
 * Starts a server and waits until it accepts connections. Its last words are the error's, should it
 * end before.
 */
export const startServer = async (
  command: string,
  args: readonly string[],
  {
    port,
    folder,
    signal = 'SIGTERM',
    as = user,
  }: { port: number; folder: string; signal?: NodeJS.Signals; as?: typeof user },
) => {
  const child: ChildProcess = spawn(command, args, {
    ...as,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => (said = (said + chunk).slice(-4000)))
  const exited = once(child, 'exit')
  for (;;) {
    const isOpen = await accepts(port)
    // Asked behind that: it may be another server that has the port.
    if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`)
    if (isOpen) break
    // nothing tells when a foreign server listens
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return async () => {
    child.kill(signal)
    await exited
    await rm(folder, { recursive: true, force: true })
  }
}
