// One copy after the other: the database as a file, into the bucket, into the manifest; then what
// need not be kept goes.

import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Bucket, Content } from './bucket.ts'
import { type Copy, keyOf, newest, orphanKeyOf } from './manifest.ts'
import type { Hold } from './manifest-cas.ts'
import { retained } from './retention.ts'
import { persistent, type Timer } from './retry.ts'
import { dueAt } from './schedule.ts'

const PATIENCE_MS = 10_000
const DAY_MS = 86_400_000

/** A copy of the database as a file, ready to be sent. */
type Packed = {
  readonly content: Content
  readonly databaseBytes: number
  readonly migration: string
  discard(): Promise<void>
}

/** What reads the database file beside the service. */
export type Packer = {
  /** Rejects when there is no room for it, and when the signal comes. */
  pack(signal?: AbortSignal): Promise<Packed>
  /** Rejects when the database is damaged, and when the signal comes. */
  check(signal?: AbortSignal): Promise<void>
  readonly encrypted: boolean
}

export type CopyingParts = {
  readonly bucket: Bucket
  readonly hold: Hold
  readonly packer: Packer
  readonly timer: Timer
  readonly clock: Clock
  readonly log: Log
  /** May the database hold what no copy does? */
  readonly unsaved: boolean
}

export type Copying = {
  /** Something was written. */
  noteWrite(): void
  readonly unsavedSince: () => number | undefined
  /** When the copy that is being made was begun. */
  readonly copyingSince: () => number | undefined
  /** Failures since the last success, and in all. */
  readonly failures: () => { readonly since: number; readonly all: number }
  readonly count: () => number
  isDue(): boolean
  /** `release`: it is the last one, and with it the database is released. */
  copy(options: { release: boolean }): Promise<void>
  /** Puts what no copy holds under a key of its own, which it answers. */
  keepApart(writer: string): Promise<string>
}

export const createCopying = ({
  bucket,
  hold,
  packer,
  timer,
  clock,
  log,
  unsaved,
}: CopyingParts): Copying => {
  const patient = persistent(bucket, PATIENCE_MS, timer)
  /** Objects that are not needed any more. */
  const leftover = new Set<string>()
  /**
   * Objects whose entry in the manifest may or may not have been written: the answer did not come.
   * The next change tells.
   */
  const uncertain = new Set<string>()
  let unsavedSince = unsaved ? timer.now() : undefined
  /** The same for writes that the copy being made will hold. */
  let savingSince: number | undefined
  let copyingSince: number | undefined
  let checkedAt = Number.NEGATIVE_INFINITY
  let begun = Number.NEGATIVE_INFINITY
  let [failures, failed, count] = [0, 0, 0]

  const checkDaily = async (): Promise<void> => {
    if (timer.now() - checkedAt < DAY_MS) return
    await packer.check()
    checkedAt = timer.now()
  }

  const send = async (release: boolean): Promise<void> => {
    const created_at = new Date(clock.now()).toISOString()
    const packed = await packer.pack()
    const { epoch } = hold.manifest()
    const number = (newest(hold.manifest())?.sequence ?? 0) + 1
    const key = keyOf(epoch, number, packer.encrypted)
    const { content, databaseBytes: database_bytes, migration } = packed
    const facts = {
      key,
      bytes: content.bytes,
      sha256: content.sha256,
      database_bytes,
      created_at,
      epoch,
      sequence: number,
      migration,
    }
    try {
      leftover.add(key)
      await patient.upload(key, content)
      leftover.delete(key)
      uncertain.add(key)
      let dropped: Copy[] = []
      await hold.change((manifest) => {
        const all = [
          ...manifest.copies,
          { ...facts, duration: Math.round(timer.now() - begun), encrypted: packer.encrypted },
        ]
        const copies = retained(all, clock.now())
        dropped = all.filter((copy) => !copies.includes(copy))
        return { ...manifest, copies, released: release }
      })
      const named = new Set(hold.manifest().copies.map((copy) => copy.key))
      for (const other of uncertain) if (!named.has(other)) leftover.add(other)
      uncertain.clear()
      for (const copy of dropped) leftover.add(copy.key)
    } finally {
      await packed.discard()
    }
  }

  const tidy = async (): Promise<void> => {
    for (const key of leftover)
      await bucket.remove(key).then(
        () => leftover.delete(key),
        () => {}, // with the next copy
      )
  }

  return {
    noteWrite: () => {
      unsavedSince ??= timer.now()
    },
    unsavedSince: () => savingSince ?? unsavedSince,
    copyingSince: () => copyingSince,
    failures: () => ({ since: failures, all: failed }),
    count: () => count,
    isDue: () => {
      const due = dueAt({
        unsavedSince,
        begun,
        duration: newest(hold.manifest())?.duration ?? 0,
        failures,
      })
      return due !== undefined && timer.now() >= due
    },
    copy: async ({ release }) => {
      begun = timer.now()
      try {
        if (!release) await checkDaily()
        begun = copyingSince = timer.now()
        ;[savingSince, unsavedSince] = [unsavedSince, undefined]
        await send(release)
        log.debug('copied', {
          bytes: newest(hold.manifest())?.bytes,
          ms: Math.round(timer.now() - begun),
        })
        ;[failures, count] = [0, count + 1]
      } catch (error) {
        unsavedSince = savingSince ?? unsavedSince
        ;[failures, failed] = [failures + 1, failed + 1]
        throw error
      } finally {
        savingSince = copyingSince = undefined
        await tidy()
      }
    },
    keepApart: async (writer) => {
      const key = orphanKeyOf(hold.manifest().epoch, writer, packer.encrypted)
      const packed = await packer.pack()
      await patient.upload(key, packed.content).finally(() => packed.discard())
      return key
    },
  }
}
