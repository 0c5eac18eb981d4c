// The manifest as its writer holds it: the last state known, and changes to it one after the other.
import { BucketError } from './bucket.ts'
import {
  type Held,
  isConflict,
  type Manifest,
  newest,
  readManifest,
  type Source,
  swapManifest,
} from './manifest.ts'
import { sequence } from './mutex.ts'
import { persistent, type Timer } from './retry.ts'

/** Another process is the writer now. */
export class Fenced extends Error {}

export type Hold = {
  manifest(): Manifest
  /** When the manifest was last changed from here. */
  changedAt(): number
  /**
   * Reads it anew, once; answers whether another process has changed it. Throws Fenced, and
   * BucketError where it is not ours any more.
   */
  look(): Promise<boolean>
  /** Changes it, in any state as long as it is ours. Throws as `look` does. */
  change(next: (manifest: Manifest) => Omit<Manifest, 'revision'>): Promise<void>
}

const PATIENCE_MS = 10_000
const ATTEMPTS = 5

type HoldParts = Source & { readonly id: string; readonly timer: Timer; readonly held: Held }

export const createHold = ({ bucket, trust, id, timer, held: first }: HoldParts): Hold => {
  const source = { bucket, trust }
  const patient = { bucket: persistent(bucket, PATIENCE_MS, timer), trust }
  const oneByOne = sequence()
  let held = first
  let changes = 0
  let changedAt = timer.now()

  const swap = async (next: Parameters<Hold['change']>[0]): Promise<void> => {
    for (let attempt = 1; ; attempt++)
      try {
        held = await swapManifest(patient, next(held.manifest), held.tag)
        changes++
        changedAt = timer.now()
        return
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw error
        held = recognise(await readManifest(patient), held.manifest, id)
      }
  }

  return {
    manifest: () => held.manifest,
    changedAt: () => changedAt,
    change: (next) => oneByOne(() => swap(next)),
    look: async () => {
      const before = changes
      const seen = recognise(await readManifest(source), held.manifest, id)
      // What was read while it was being changed from here may be the state before.
      if (changes !== before || seen.tag === held.tag) return false
      held = seen
      return true
    },
  }
}

/** What was read, if it is what this writer holds, or another process's change to that. */
const recognise = (seen: Held | undefined, known: Manifest, id: string): Held => {
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
