// The manifest as its writer sees it: the last known state, and updates that compare and swap it.
import { BucketError } from './bucket.ts'
import {
  isConflict,
  type Manifest,
  newest,
  readManifest,
  type Source,
  swapManifest,
  type TaggedManifest,
} from './manifest.ts'
import { createMutex } from './mutex.ts'
import { type Timer, withRetry } from './retry.ts'

/** Another process is the writer now. */
export class Fenced extends Error {}

export type ManifestCas = {
  /** The last known state. */
  current(): Manifest
  /** When this process last updated the manifest. */
  updatedAt(): number
  /**
   * Reads the manifest once. Returns whether another process has changed it. Throws Fenced when
   * another process is the writer, and BucketError when the manifest is not the one that this
   * process wrote.
   */
  refresh(): Promise<boolean>
  /** Updates the manifest, after other processes' changes too. Throws as `refresh` does. */
  update(next: (manifest: Manifest) => Omit<Manifest, 'revision'>): Promise<void>
}

const RETRY_MS = 10_000
const ATTEMPTS = 5

type Parts = Source & {
  readonly id: string
  readonly timer: Timer
  readonly tagged: TaggedManifest
}

export const createManifestCas = ({ bucket, trust, id, timer, tagged }: Parts): ManifestCas => {
  const once = { bucket, trust }
  const retrying = { bucket: withRetry(bucket, RETRY_MS, timer), trust }
  const exclusively = createMutex()
  let known = tagged
  let updates = 0
  let updatedAt = timer.now()

  const swap = async (next: Parameters<ManifestCas['update']>[0]): Promise<void> => {
    for (let attempt = 1; ; attempt++)
      try {
        known = await swapManifest(retrying, next(known.manifest), known.tag)
        updates++
        updatedAt = timer.now()
        return
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw error
        known = requireOwn(await readManifest(retrying), known.manifest, id)
      }
  }

  return {
    current: () => known.manifest,
    updatedAt: () => updatedAt,
    update: (next) => exclusively(() => swap(next)),
    refresh: async () => {
      const before = updates
      const seen = requireOwn(await readManifest(once), known.manifest, id)
      // An update that ran meanwhile may be newer than what was read.
      if (updates !== before || seen.tag === known.tag) return false
      known = seen
      return true
    },
  }
}

/** Returns `seen` if it is what this writer knows, or another process's change to that. */
const requireOwn = (
  seen: TaggedManifest | undefined,
  known: Manifest,
  id: string,
): TaggedManifest => {
  const refuse = (what: string) =>
    new BucketError('unexpected', `manifest.json in the bucket ${what}`)
  if (seen === undefined) throw refuse('has vanished')
  const { lineage, epoch, writer } = seen.manifest
  if (lineage !== known.lineage) throw refuse('is that of another database')
  if (epoch > known.epoch) throw new Fenced()
  if (epoch < known.epoch || sequenceOf(seen.manifest) < sequenceOf(known))
    throw refuse('is older than what was written last')
  if (writer !== id) throw new Fenced()
  return seen
}

const sequenceOf = (manifest: Manifest): number => newest(manifest)?.sequence ?? 0
