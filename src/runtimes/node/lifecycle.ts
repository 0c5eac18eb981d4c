import type { Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { maintain } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import { Refusal, wordOf } from './refusal.ts'

const HOUR = 3_600_000
/** Deletes what has expired, now and every hour, and what has long been in the trash now and every day. It does not keep the process alive. */
export const maintainHourly = (deps: Deps): void => {
  const { config, log } = deps
  const { quotas, trashDays } = config
  let hours = 0
  const run = () => {
    const daily = hours++ % 24 === 0
    return maintain({ ...deps, quotas }, { trashDays, daily }).catch((error) => log.error('maintenance failed', { error }))
  }
  void run()
  setInterval(run, HOUR).unref()
}

/** The whole shutdown has to be over within ten seconds; the last copy of a database that copies itself gets most of them. */
const GRACE_MS = 8_000
const GRACE_BEFORE_COPY_MS = 3_000
const IDLE_MS = 500

/** Listens, and answers the port: the real one where 0 was asked for. Throws Refusal. */
export const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Refusal(refusal(error, host, port))))
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })

const refusal = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  if (error.code === 'EADDRINUSE') return `PORT ${port} is taken by another process: stop that one, or set PORT to a free port`
  if (error.code === 'EACCES') return `PORT ${port} is not open to this user: set PORT to 1024 or more`
  return `HOST ${host} with PORT ${port} cannot be listened at (${wordOf(error)}): set HOST to an address of this machine, such as 0.0.0.0`
}

/**
 * Stops accepting and waits until what runs is done, but not longer than `grace` milliseconds: then the rest is cut off. Connections that are kept
 * alive get their next answer with `Connection: close`; node:http's own close would cut those on which a request is
 * already on its way, so only the listening is ended, and idle ones are closed when they have been so for a while.
 */
const drain = async (server: Server, grace: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false
  })
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS)
  const cut = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

/** What is done once the server is drained; answers whether everything is kept. */
export type Closing = { readonly copies: boolean; close(): Promise<boolean> }

/**
 * On SIGTERM or SIGINT, or when the answered function is called: drains the server, then runs `close`, then exits, with 0 if all is
 * well. A second signal exits at once.
 */
export const shutDownOnSignal = (server: Server, { copies, close }: Closing): (() => Promise<never>) => {
  let stopping = false
  const shutDown = async (): Promise<never> => {
    stopping = true
    await drain(server, copies ? GRACE_BEFORE_COPY_MS : GRACE_MS)
    process.exit((await close()) ? 0 : 1)
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
    await shutDown()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return shutDown
}
