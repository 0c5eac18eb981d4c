// The writer's side: it copies after writes, looks at the manifest every two seconds, hands over to whoever has claimed the next
// epoch, and ends when it finds that somebody else has taken over.
import type { Database } from '../db/database.ts'
import type { Trust } from './authenticity.ts'
import { type CopyingParts, createCopying } from './copying.ts'
import { createFence } from './fence.ts'
import { createHold, Fenced } from './hold.ts'
import { type Copy, type Held, newest } from './manifest.ts'
import { backoff } from './retry.ts'
import { lossBound } from './schedule.ts'
import { sequence } from './sequence.ts'
import type { Stamp } from './stamp.ts'

const LOOK_MS = 2_000
/** Less than a lease: whoever has not looked for so long acknowledges nothing until it has. */
const FRESH_MS = 12_000
/** A writer that takes long over its last copy says so more often than a lease lasts. */
const BEAT_MS = 5_000
/** Nobody has taken what was released, or renewed its claim, for so long: the newcomer is gone, and the writer goes on. */
const RESUME_MS = 120_000
const TICK_MS = 250
/** How long a process that has to end tries to make its last copy. */
const LAST_MS = 20_000
/** A fault that lasts is said once a minute. */
const SAID_EVERY = 30

export type KeeperParts = Omit<CopyingParts, 'hold'> & {
  readonly db: Database
  readonly trust: Trust
  readonly held: Held
  /** Of this process. */
  readonly id: string
  stamp(stamp: Stamp): Promise<void>
  /** This process is no longer the writer, and has nothing left to do. */
  ended(): void
}

/** What there is to say about copies. Times in milliseconds. */
export type KeeperState = {
  readonly last: Copy | undefined
  /** What a kill may cost while copies succeed; undefined while they do not. */
  readonly lossBound: number | undefined
  /** How long ago the oldest write was that no copy holds. */
  readonly unsavedFor: number | undefined
  /** In all, and whether the last attempt was one. */
  readonly failures: number
  readonly failing: boolean
  readonly copies: number
  readonly writing: boolean
}

export type Keeper = {
  /** The database, behind the fence. */
  readonly db: Database
  state(): KeeperState
  /** Begins to look and to copy. */
  start(): void
  /** The last copy, and the release. Answers whether everything is copied. */
  stop(): Promise<boolean>
}

export const createKeeper = (parts: KeeperParts): Keeper => {
  const { timer, clock, log, id } = parts
  let mode: 'writing' | 'handing over' | 'released' | 'fenced' | 'stopped' = 'writing'
  const isOver = () => mode === 'fenced' || mode === 'stopped'
  let looked = { at: timer.now(), clock: clock.now() }
  let releasedAt = 0
  const hold = createHold(parts)
  const copying = createCopying({ ...parts, hold })
  /** Copies, and what must not meet one. */
  const oneByOne = sequence()

  const isFresh = () => timer.now() - looked.at < FRESH_MS && Math.abs(clock.now() - looked.clock) < FRESH_MS
  const fence = createFence(parts.db, {
    mayBegin: () => mode === 'writing' && isFresh(),
    mayAcknowledge: () => mode !== 'fenced' && isFresh(),
    onWrite: copying.noteWrite,
  })

  /** Copies what no copy holds and releases the database, until that succeeds or it is too late. */
  const release = async (until = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let tries = 1; !hold.manifest().released; tries++)
      try {
        if (copying.unsavedSince() === undefined) await hold.change((manifest) => ({ ...manifest, released: true }))
        else await copying.copy({ release: true })
      } catch (error) {
        if (error instanceof Fenced || timer.now() >= until) throw error
        log.error('the last copy failed, and is tried again', { error })
        await timer.sleep(backoff(tries))
      }
  }

  /** Writes no more, releases the database, and answers whether everything is copied or kept apart. */
  const handOver = async (until?: number): Promise<boolean> => {
    mode = 'handing over'
    await fence.close()
    try {
      await oneByOne(() => release(until))
      ;[mode, releasedAt] = ['released', timer.now()]
      log.info('the database has been released, and the last copy holds everything')
      return true
    } catch (error) {
      if (error instanceof Fenced) await yieldUp()
      else log.error('the last writes are not copied', { error })
      return error instanceof Fenced
    }
  }

  /** Somebody else is the writer. What only this process has goes under `orphans/`. */
  let yielding: Promise<void> | undefined
  const yieldUp = (): Promise<void> => {
    mode = 'fenced'
    yielding ??= fence
      .close()
      .then(() => oneByOne(keepApart))
      .then(parts.ended)
    return yielding
  }
  const keepApart = async (): Promise<void> => {
    if (copying.unsavedSince() === undefined) return log.warning('another process has taken the database over: this one ends')
    for (let tries = 1; ; tries++)
      try {
        const key = await copying.keepApart(id)
        return log.error('another process has taken the database over while this one was out of reach: its last writes are kept apart', {
          key,
        })
      } catch (error) {
        log.error('the last writes cannot be kept apart yet', { error })
        await timer.sleep(backoff(tries))
      }
  }

  const resume = async (): Promise<void> => {
    const { lineage, epoch, claim } = hold.manifest()
    const next = Math.max(epoch, claim?.epoch ?? 0) + 1
    await parts.stamp({ lineage, epoch: next })
    await hold.change((manifest) => ({ ...manifest, epoch: next, released: false, claim: null }))
    mode = 'writing'
    fence.open()
    log.warning('nobody has taken the database over: going on')
  }

  const look = async (): Promise<void> => {
    const began = { at: timer.now(), clock: clock.now() }
    try {
      if (await hold.look()) releasedAt = timer.now()
      looked = began
    } catch (error) {
      if (error instanceof Fenced) return yieldUp()
      looked = began // out of reach is not fenced: the service goes on from here
      throw error
    }
    if (mode === 'writing' && hold.manifest().claim !== null) {
      log.warning('another process has claimed the database: no more writes here')
      void handOver()
    } else if (mode === 'handing over' && timer.now() - hold.changedAt() > BEAT_MS) await hold.change((manifest) => manifest)
    else if (mode === 'released' && timer.now() - releasedAt > RESUME_MS) await resume()
  }

  const keepLooking = async (): Promise<void> => {
    for (let misses = 0; !isOver(); await timer.sleep(LOOK_MS))
      try {
        await look()
        if (misses > 0) log.info('the bucket answers again')
        misses = 0
      } catch (error) {
        if (misses++ % SAID_EVERY === 0)
          log.error('the manifest in the bucket cannot be used; the service goes on from its own disk', { error })
      }
  }

  const copyIfDue = async (): Promise<void> => {
    if (mode !== 'writing' || !copying.isDue()) return
    try {
      await copying.copy({ release: false })
    } catch (error) {
      if (error instanceof Fenced) void yieldUp()
      else log.error('a copy failed; the service goes on from its own disk', { error, failures: copying.failures().since })
    }
  }
  const keepCopying = async (): Promise<void> => {
    for (; !isOver(); await timer.sleep(TICK_MS)) await oneByOne(copyIfDue)
  }

  return {
    db: fence.db,
    state: () => {
      const last = newest(hold.manifest())
      const since = copying.unsavedSince()
      return {
        last,
        lossBound: last && copying.failures().since === 0 ? lossBound(last.duration) : undefined,
        unsavedFor: since === undefined ? undefined : timer.now() - since,
        failures: copying.failures().all,
        failing: copying.failures().since > 0,
        copies: copying.count(),
        writing: mode === 'writing' && isFresh(),
      }
    },
    start: () => {
      void keepLooking()
      void keepCopying()
    },
    stop: async () => {
      await yielding
      const done = isOver() || mode === 'released' || (await handOver(timer.now() + LAST_MS))
      mode = 'stopped'
      return done
    },
  }
}
