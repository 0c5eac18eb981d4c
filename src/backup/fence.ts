import { DomainError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'

/** Stands before every write: lets it through, counts it, or refuses it. */
export type Fence = {
  readonly db: Database
  /** No write begins from now on; answers when those that had begun are over. */
  close(): Promise<void>
  open(): void
}

const refusal = () =>
  new DomainError('unavailable', 'The database is being handed over to another process; try again.')

/**
 * What the fence asks and says. `onWrite` is called when something was written, before it is
 * acknowledged.
 */
export type Guards = { mayBegin(): boolean; mayAcknowledge(): boolean; onWrite(): void }

/**
 * `db` behind a fence, which is open. Whether a write may be acknowledged is asked after it: a
 * process that was stopped in the middle of it must not acknowledge what its successor will never
 * see.
 */
export const createFence = (db: Database, { mayBegin, mayAcknowledge, onWrite }: Guards): Fence => {
  let closed = false
  let running = 0
  let whenIdle: (() => void)[] = []
  const done = () => {
    if (--running > 0) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
  }
  const atomic: Database['atomic'] = async (writes, options) => {
    if (closed || !mayBegin()) throw refusal()
    running++
    try {
      const outcome = await db.atomic(writes, options)
      if (outcome !== 'stale' && outcome.some((touched) => touched > 0)) onWrite()
      if (!mayAcknowledge()) throw refusal()
      return outcome
    } finally {
      done()
    }
  }
  return {
    db: { ...db, atomic },
    close: async () => {
      closed = true
      if (running > 0) await new Promise<void>((resolve) => whenIdle.push(resolve))
    },
    open: () => {
      closed = false
    },
  }
}
