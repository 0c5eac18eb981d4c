import type { Api } from './client.ts'
import { TaskportError } from './errors.ts'
import { readEvents } from './events.ts'
import { backoff } from './pause.ts'

/** Milliseconds between two looks where the service keeps no streams and does not say how many. */
const POLL_MS = 30_000
/** A stream that ends sooner than its first heartbeat is no better than one that does not begin. */
const SHORT_MS = 25_000

export type Listener = {
  /** The service says how far it is. */
  poked(token: string): void
  /** There was no stream for a while: something may have changed. */
  missed(): void
  pause(ms: number): Promise<void>
}

/**
 * Keeps a stream of events open until `signal` is aborted. Where there is none, and between two of
 * them, it asks for a look after each pause.
 */
export const listen = async (
  api: Api,
  { poked, missed, pause }: Listener,
  signal: AbortSignal,
): Promise<void> => {
  let failures = 0
  while (!signal.aborted) {
    const began = Date.now()
    const error = await readEvents(api, poked, signal).catch((error: unknown) => error)
    if (Date.now() - began > SHORT_MS) failures = 0
    const keepsNone = error instanceof TaskportError && error.status === 501
    await pause(keepsNone ? (error.retryAfter ?? POLL_MS) : backoff(failures++))
    missed()
  }
}
