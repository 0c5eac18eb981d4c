import { DomainError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'

/** A database that refuses writes while its fence is closed. */
export type Fence = {
  readonly db: Database
  /** Refuses new writes. Resolves when the writes that had begun are over. */
  close(): Promise<void>
  open(): void
}

export type FenceHooks = {
  mayBegin(): boolean
  mayAcknowledge(): boolean
  /** Called when something was written, before it is acknowledged. */
  onWrite(): void
}

const refusal = () =>
  new DomainError('unavailable', 'The database is being handed over to another process; try again.')

/**
 * `db` behind a fence, which is open. The fence asks again after a write whether it may be
 * acknowledged: if this process was suspended during the write, another process may be the writer
 * by then, and will never see what was written here.
 */
export const createFence = (db: Database, hooks: FenceHooks): Fence => {
  const { mayBegin, mayAcknowledge, onWrite } = hooks
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
