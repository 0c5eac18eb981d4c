import { noteSuperseded } from '../../core/superseded.ts'
import { isSuperseded } from '../../db/portable.ts'
import { finishInterrupted, maintain } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import type { Listening } from './platform.ts'
import { Refusal, wordOf } from './refusal.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/**
 * Deletes what has expired, now and every hour, and what has long been in the trash now and every day; finishes every
 * minute the large changes that nothing goes on with. It does not keep the process alive.
 */
export const maintainHourly = (deps: Deps): void => {
  const { config, log } = deps
  const { quotas, trashDays } = config
  const failed = (error: unknown) => (isSuperseded(error) ? noteSuperseded(log) : log.error('maintenance failed', { error }))
  let hours = 0
  const run = () => {
    const daily = hours++ % 24 === 0
    return maintain({ ...deps, quotas }, { trashDays, daily }).catch(failed)
  }
  void run()
  setInterval(run, HOUR).unref()
  const finish = () => finishInterrupted({ ...deps, quotas }, { idleMs: MINUTE }).catch(failed)
  setInterval(finish, MINUTE).unref()
}

/** Why it cannot listen, for whoever runs it. */
export const refusalToListen = (error: unknown, { host, port }: { host: string; port: number }): Refusal => {
  const { code } = error as { code?: unknown }
  if (code === 'EADDRINUSE') return new Refusal(`PORT ${port} is taken by another process: stop that one, or set PORT to a free port`)
  if (code === 'EACCES') return new Refusal(`PORT ${port} is not open to this user: set PORT to 1024 or more`)
  return new Refusal(
    `HOST ${host} with PORT ${port} cannot be listened at (${wordOf(error)}): set HOST to an address of this machine, such as 0.0.0.0`,
  )
}

/** The whole shutdown has to be over within ten seconds; the last copy of a database that copies itself gets most of them. */
const GRACE_MS = 8_000
const GRACE_BEFORE_COPY_MS = 3_000

/**
 * Signals within this time are one request to end. A terminal, systemd and PM2 send theirs to npm and to the service, and npm
 * passes its own on.
 */
const ONE_REQUEST_MS = 2_000

/** What is done when nothing runs any more; answers whether everything is kept. */
type Closing = { readonly copies: boolean; close(): Promise<boolean> }

/**
 * On SIGTERM or SIGINT, or when the answered function is called: lets finish what runs, then runs `close`, then exits, with 0 if
 * all is well. A signal that comes later exits at once.
 */
export const shutDownOnSignal = ({ drain }: Listening, { copies, close }: Closing): ((code?: number) => Promise<void>) => {
  let since: number | undefined
  const shutDown = async (code = 0) => {
    since ??= performance.now()
    await drain(copies ? GRACE_BEFORE_COPY_MS : GRACE_MS)
    process.exit((await close()) ? code : 1)
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (since === undefined) return shutDown()
    if (performance.now() - since > ONE_REQUEST_MS) process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return shutDown
}
