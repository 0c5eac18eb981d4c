// The writer's side: it copies after writes, looks at the manifest every two seconds, hands over to
// the process that has claimed the next epoch, and ends when it finds that another process has
// taken over.
import type { Database } from '../db/database.ts'
import type { Trust } from './authenticity.ts'
import { BucketError } from './bucket.ts'
import { createFence } from './fence.ts'
import { untilOver } from './giving-up.ts'
import type { Stamp } from './lineage.ts'
import { type Copy, type Held, newest } from './manifest.ts'
import { createHold, Fenced } from './manifest-cas.ts'
import { sequence } from './mutex.ts'
import { backoff } from './retry.ts'
import { lossBoundNow } from './schedule.ts'
import { type CopyingParts, createCopying } from './snapshot-upload.ts'

const LOOK_MS = 2_000
/**
 * Less than a lease: a writer that has not looked for so long acknowledges nothing until it has.
 */
const FRESH_MS = 12_000
/** A writer that takes long over its last copy says so more often than a lease lasts. */
const BEAT_MS = 5_000
/**
 * No process has taken what was released, or renewed its claim, for so long: the newcomer is gone,
 * and the writer goes on.
 */
const RESUME_MS = 120_000
const TICK_MS = 250
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
  /**
   * The last copy, and the release, within so many milliseconds. Answers whether everything is
   * copied, and says where it is not.
   */
  stop(ms: number): Promise<boolean>
}

export const createKeeper = (parts: KeeperParts): Keeper => {
  const { timer, clock, log, id } = parts
  const giving = new AbortController()
  const patient = untilOver(parts, giving.signal)
  let mode: 'writing' | 'handing over' | 'released' | 'fenced' | 'yielded' | 'stopped' = 'writing'
  const isOver = () => mode === 'fenced' || mode === 'yielded' || mode === 'stopped'
  let looked = { at: timer.now(), clock: clock.now() }
  let releasedAt = 0
  const hold = createHold({ ...parts, ...patient })
  const copying = createCopying({ ...parts, ...patient, hold })
  /** Copies, and what must not meet one. */
  const oneByOne = sequence()

  const since = (at: number | undefined) => (at === undefined ? undefined : timer.now() - at)
  const isFresh = () =>
    timer.now() - looked.at < FRESH_MS && Math.abs(clock.now() - looked.clock) < FRESH_MS
  const fence = createFence(parts.db, {
    mayBegin: () => mode === 'writing' && isFresh(),
    mayAcknowledge: () => mode !== 'fenced' && mode !== 'yielded' && isFresh(),
    onWrite: copying.noteWrite,
  })

  /** Copies what no copy holds and releases the database, until that succeeds or is given up. */
  const release = async (): Promise<void> => {
    for (let tries = 1; !hold.manifest().released; tries++)
      try {
        giving.signal.throwIfAborted()
        if (copying.unsavedSince() === undefined)
          await hold.change((manifest) => ({ ...manifest, released: true }))
        else await copying.copy({ release: true })
      } catch (error) {
        if (error instanceof Fenced || giving.signal.aborted) throw error
        log.error('the last copy failed, and is tried again', causeOf(error))
        await patient.timer.sleep(backoff(tries))
      }
  }

  /** Writes no more, and releases the database. Rejects where that is given up. */
  const handOver = async (): Promise<void> => {
    mode = 'handing over'
    await fence.close()
    try {
      await oneByOne(release)
      ;[mode, releasedAt] = ['released', timer.now()]
      log.info('the database has been released, and the last copy holds everything')
    } catch (error) {
      if (!(error instanceof Fenced)) throw error
      await yieldUp()
    }
  }

  /** Another process is the writer. What only this process has goes under `orphans/`. */
  let yielding: Promise<void> | undefined
  const yieldUp = (): Promise<void> => {
    mode = 'fenced'
    yielding ??= fence
      .close()
      .then(() => oneByOne(keepApart))
      .then(
        () => {
          mode = 'yielded'
          parts.ended()
        },
        () => {},
      ) // it was given up, which is said by who did
    return yielding
  }
  const keepApart = async (): Promise<void> => {
    if (copying.unsavedSince() === undefined)
      return log.warning('another process has taken the database over: this one ends')
    for (let tries = 1; ; tries++)
      try {
        const key = await copying.keepApart(id)
        return log.error(
          'another process has taken the database over while this one was out of reach: its last writes are kept apart',
          {
            key,
          },
        )
      } catch (error) {
        if (giving.signal.aborted) throw error
        log.error('the last writes cannot be kept apart yet', causeOf(error))
        await patient.timer.sleep(backoff(tries))
      }
  }

  let resuming: Promise<void> | undefined
  /**
   * The manifest comes first: a disk with an epoch that the manifest does not know would be taken
   * for newer than every copy.
   */
  const resume = async (): Promise<void> => {
    const { lineage, epoch, claim } = hold.manifest()
    const next = Math.max(epoch, claim?.epoch ?? 0) + 1
    await hold.change((manifest) => ({ ...manifest, epoch: next, released: false, claim: null }))
    await parts.stamp({ lineage, epoch: next })
    mode = 'writing'
    fence.open()
    log.warning('no process has taken the database over: going on')
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
      handOver().catch(() => {}) // given up when the process stops, which says so
    } else if (mode === 'handing over' && timer.now() - hold.changedAt() > BEAT_MS)
      await hold.change((manifest) => manifest)
    else if (mode === 'released' && timer.now() - releasedAt > RESUME_MS) {
      resuming = resume()
      await resuming
    }
  }

  const keepLooking = async (): Promise<void> => {
    for (let misses = 0; !isOver(); await timer.sleep(LOOK_MS))
      try {
        await look()
        if (misses > 0) log.info('the bucket answers again')
        misses = 0
      } catch (error) {
        if (giving.signal.aborted) return
        if (misses++ % SAID_EVERY === 0)
          log.error(
            'the manifest in the bucket cannot be used; the service goes on from its own disk',
            causeOf(error),
          )
      }
  }

  const copyIfDue = async (): Promise<void> => {
    if (mode !== 'writing' || !copying.isDue()) return
    try {
      await copying.copy({ release: false })
    } catch (error) {
      if (error instanceof Fenced) void yieldUp()
      else if (!giving.signal.aborted)
        log.error('a copy failed; the service goes on from its own disk', {
          ...causeOf(error),
          failures: copying.failures().since,
        })
    }
  }
  const keepCopying = async (): Promise<void> => {
    for (; !isOver(); await timer.sleep(TICK_MS)) await oneByOne(copyIfDue)
  }

  return {
    db: fence.db,
    state: () => {
      const last = newest(hold.manifest())
      const [unsavedFor, copyingFor] = [
        since(copying.unsavedSince()),
        since(copying.copyingSince()),
      ]
      return {
        last,
        lossBound:
          last && copying.failures().since === 0
            ? lossBoundNow({ duration: last.duration, copyingFor, unsavedFor })
            : undefined,
        unsavedFor,
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
    stop: async (ms) => {
      void timer.sleep(ms).then(() => giving.abort())
      await resuming?.catch(() => {}) // what it has begun is released again
      if (!isOver() && mode !== 'released') await handOver().catch(() => {})
      await yielding
      const isKept = mode === 'released' || mode === 'yielded'
      const unsavedFor = since(copying.unsavedSince())
      mode = 'stopped'
      if (isKept) return true
      if (unsavedFor !== undefined)
        log.error('no copy holds the last writes, they are on this disk only', {
          unsaved_seconds: Math.ceil(unsavedFor / 100) / 10,
        })
      else log.warning('the bucket was not told that this process ends: the next one waits for it')
      return unsavedFor === undefined
    },
  }
}

/** What a bucket says is foreseen: its words are enough. */
const causeOf = (error: unknown) =>
  error instanceof BucketError ? { reason: error.message } : { error }
