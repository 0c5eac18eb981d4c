// The process ends itself only here, so that the last line of the log says why it ended.
import type { Log } from '../../core/log.ts'

export type ProcessExit = {
  /** Ends the process, once. `reason` is for the log. */
  end(reason: string, code?: number): Promise<void>
  /** Sets what has to be done before the process ends. */
  before(shutDown: () => Promise<void>): void
  /** The process does not end until this settles, unless its time to end is over before. */
  waitFor(work: Promise<unknown>): void
  /** Is aborted when the process begins to end. */
  readonly signal: AbortSignal
}

/** What asks a process to end, and the code of one that ends at once. */
export const endingSignals = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const

/** Logs that the process ends, and ends it. */
export const exit = (
  log: Log,
  reason: string,
  { code, ...details }: { readonly code: number; readonly error?: unknown },
): never => {
  log[code === 0 ? 'info' : 'error']('the process ends', { reason, code, ...details })
  process.exit(code)
}

/**
 * Signals within this time count as one request to end: a terminal, systemd and PM2 signal both npm
 * and the service, and npm passes its signal on.
 */
const ONE_REQUEST_MS = 2_000

/**
 * Ends the process on SIGTERM and SIGINT within `ms` milliseconds. A later second signal ends it at
 * once. So does an error that nothing catches.
 */
export const createProcessExit = (log: Log, ms: number): ProcessExit => {
  let shutDown = async (): Promise<void> => {}
  let work: Promise<unknown> | undefined
  let since: number | undefined
  const controller = new AbortController()
  const end = async (reason: string, code = 0): Promise<void> => {
    if (since !== undefined) return
    since = performance.now()
    controller.abort()
    setTimeout(
      () => exit(log, `${reason}; what had to be done before was not done in time`, { code: 1 }),
      ms,
    )
    await work?.catch(() => {}) // who began it says what has failed
    await shutDown().catch((error: unknown) =>
      exit(log, `${reason}; what had to be done before failed`, { code: 1, error }),
    )
    exit(log, reason, { code })
  }
  for (const [signal, code] of endingSignals)
    process.on(signal, () => {
      if (since === undefined) void end(signal)
      else if (performance.now() - since > ONE_REQUEST_MS)
        exit(log, `a second signal: ${signal}`, { code })
    })
  exitOnUncaught(log)
  return {
    end,
    signal: controller.signal,
    before: (given) => {
      shutDown = given
    },
    waitFor: (given) => {
      work = given
    },
  }
}

/**
 * Covers rejected promises that nothing handles too. Without this the platform would print source
 * code instead of a line of the log.
 */
export const exitOnUncaught = (log: Log): void => {
  process.on('uncaughtException', (error) =>
    exit(log, 'an error that nothing caught', { code: 1, error }),
  )
}
