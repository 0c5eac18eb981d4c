// Every end that the process makes itself comes by here, so that the last line of the log says why
// it ended.
import type { Log } from '../../core/log.ts'

export type Ending = {
  /** Ends the process, once. `reason` is for people. */
  end(reason: string, code?: number): Promise<void>
  /** What is to be done before; nothing is until this is called. */
  before(shutDown: () => Promise<void>): void
  /** Is aborted when the process begins to end. */
  readonly signal: AbortSignal
}

/** Says that the process ends now, and ends it. */
export const exit = (
  log: Log,
  reason: string,
  { code, ...details }: { readonly code: number; readonly error?: unknown },
): never => {
  log[code === 0 ? 'info' : 'error']('the process ends', { reason, code, ...details })
  process.exit(code)
}

/**
 * Signals within this time are one request to end. A terminal, systemd and PM2 send theirs to npm
 * and to the service, and npm passes its own on.
 */
const ONE_REQUEST_MS = 2_000

/**
 * Ends the process on SIGTERM and SIGINT, within `ms` milliseconds; a signal that comes later ends
 * it at once. So does an error that nothing catches.
 */
export const createEnding = (log: Log, ms: number): Ending => {
  let shutDown = async (): Promise<void> => {}
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
    await shutDown().catch((error: unknown) =>
      exit(log, `${reason}; what had to be done before failed`, { code: 1, error }),
    )
    exit(log, reason, { code })
  }
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)
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
  }
}

/**
 * Also of a promise that nothing handles. The platform would print the source around it instead of
 * a line of the log.
 */
export const exitOnUncaught = (log: Log): void => {
  process.on('uncaughtException', (error) =>
    exit(log, 'an error that nothing caught', { code: 1, error }),
  )
}
