import { finishInterrupted, maintain } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import type { Listening } from './platform.ts'
import { Refusal, wordOf } from './refusal.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/**
 * Deletes what has expired, now and every hour, and what has long been in the trash now and every day; finishes every
 * minute the large changes that nothing goes on with, and has the database do what it has to. It does not keep the process alive.
 */
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
  const finish = () =>
    finishInterrupted({ ...deps, quotas }, { idleMs: MINUTE }).catch((error) => log.error('maintenance failed', { error }))
  setInterval(finish, MINUTE).unref()
  const upkeep = () => deps.db.upkeep?.().catch((error) => log.error('the database could not be tidied', { error }))
  setInterval(upkeep, MINUTE).unref()
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

/** What is done when nothing runs any more; answers whether everything is kept. */
type Closing = { readonly copies: boolean; close(): Promise<boolean> }

/**
 * On SIGTERM or SIGINT, or when the answered function is called: lets finish what runs, then runs `close`, then exits, with 0 if
 * all is well. A second signal exits at once.
 */
export const shutDownOnSignal = ({ drain }: Listening, { copies, close }: Closing): ((code?: number) => Promise<void>) => {
  let stopping = false
  const shutDown = async (code = 0) => {
    stopping = true
    await drain(copies ? GRACE_BEFORE_COPY_MS : GRACE_MS)
    const kept = await close().catch((error: unknown) => {
      console.error(`taskport: the database could not be closed as usual (${wordOf(error)}): the next start looks at it again`)
      return false
    })
    process.exit(kept ? code : 1)
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
    await shutDown()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return shutDown
}
