// A backup writer on a time that the test advances, with a bucket in memory and backups that take as long
// as the test says.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'
import { type Bucket, BucketError } from '../../src/backup/bucket.ts'
import { MANIFEST, swapManifest } from '../../src/backup/manifest.ts'
import type { Packer } from '../../src/backup/snapshot-upload.ts'
import { type BackupWriter, createBackupWriter } from '../../src/backup/writer.ts'
import { createLog } from '../../src/core/log.ts'
import type { Database } from '../../src/db/database.ts'
import { createManualTime } from './manual-time.ts'

/**
 * What becomes of the next packing and the next upload: milliseconds, for ever, or a refusal at
 * once.
 */
export type Fate = number | 'hangs' | 'fails'

export type WriterHarness = {
  readonly writer: BackupWriter
  /** As the log has it. */
  readonly lines: { level: string; message: string; [detail: string]: unknown }[]
  readonly fates: { pack: Fate; upload: Fate; swap?: 'answer lost' | undefined }
  /** What the bucket was asked to do, or what the packer did, in that order. */
  readonly events: string[]
  now(): number
  write(): Promise<unknown>
  /** Lets time pass, a step at a time; `look` is called after each. */
  pass(ms: number, look?: () => void): Promise<void>
}

const STEP_MS = 250
/** Turns of the event loop in which everything that does not wait for time has settled. */
const TURNS = 4

export const startBackupWriter = async (): Promise<WriterHarness> => {
  // The real one works in a thread, which takes as long as the machine has it.
  const digest = vi.spyOn(crypto.subtle, 'digest')
  digest.mockImplementation(
    async (_, bytes) =>
      new Uint8Array(
        createHash('sha256')
          .update(bytes as Uint8Array)
          .digest(),
      ).buffer,
  )
  onTestFinished(() => digest.mockRestore())
  const timer = createManualTime()
  const settle = async () => {
    for (let turn = 0; turn < TURNS; turn++) await setImmediate()
  }
  const meet = async (fate: Fate, signal?: AbortSignal): Promise<void> => {
    if (fate === 'fails') throw new BucketError('unavailable', 'it is refused')
    if (fate === 0) return
    const over = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(new Error('given up'))),
    )
    await Promise.race([fate === 'hangs' ? new Promise<never>(() => {}) : timer.sleep(fate), over])
  }
  const fates: WriterHarness['fates'] = { pack: 0, upload: 0 }
  const lines: WriterHarness['lines'] = []
  const events: string[] = []
  const objects = new Map<string, { text: string; tag: string }>()
  const bucket: Bucket = {
    read: async (key) => objects.get(key),
    swap: async (key, text, tag) => {
      if (fates.upload === 'hangs') return new Promise(() => {})
      if (fates.upload === 'fails') throw new BucketError('unavailable', 'it is refused')
      if (objects.get(key)?.tag !== tag)
        throw new BucketError('conflict', 'another process was faster')
      const object = { text, tag: String(objects.size + Math.random()) }
      objects.set(key, object)
      if (fates.swap === 'answer lost') return new Promise(() => {})
      if (key === MANIFEST && /"released": true/.test(text)) events.push('released')
      return object.tag
    },
    upload: async (key, _content, signal) => {
      events.push('upload')
      await meet(fates.upload, signal)
      objects.set(key, { text: '', tag: key })
      events.push('uploaded')
    },
    download: async () => new Blob([]).stream(),
    list: async () => [...objects.keys()],
    remove: async (key) => void (objects.delete(key) && events.push('removed')),
  }
  const packer: Packer = {
    encrypted: false,
    check: async () => {},
    pack: async (signal) => {
      events.push('pack')
      await meet(fates.pack, signal).finally(() => events.push('packed'))
      const content = { path: '', bytes: 1, sha256: '0'.repeat(64) }
      return {
        content,
        databaseBytes: 1,
        migration: '0000_x',
        discard: async () => void events.push('discarded'),
      }
    },
  }
  const db = { atomic: async () => [1] } as unknown as Database
  const first = {
    format: 1 as const,
    lineage: 'l',
    epoch: 1,
    writer: 'w',
    released: false,
    claim: null,
    copies: [],
  }
  const trust = { encryptionKey: undefined, acceptUnauthenticated: false }
  const tagged = await swapManifest({ bucket, trust }, first, undefined)
  const clock = { now: () => Date.parse('2026-11-23T12:00:00.000Z') + timer.now() }
  const log = createLog('debug', (line) => lines.push(JSON.parse(line)), clock)
  const own = {
    id: 'w',
    unsaved: false,
    writeLineage: async () => {},
    ended: () => void events.push('ended'),
  }
  const harness: WriterHarness = {
    ...{ fates, lines, events, now: timer.now },
    writer: createBackupWriter({ bucket, trust, packer, timer, clock, log, db, tagged, ...own }),
    write: () => harness.writer.db.atomic([]),
    pass: async (ms, look = () => {}) => {
      for (const end = timer.now() + ms; timer.now() < end; ) {
        timer.advance(STEP_MS)
        await settle()
        look()
      }
    },
  }
  harness.writer.start()
  return harness
}
