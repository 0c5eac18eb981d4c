// The claim of a candidate in the manifest: making it, waiting for the database, taking it over.
import type { Candidate } from './leader-election.ts'
import { readManifest, swapManifest, type TaggedManifest } from './manifest.ts'
import { BackupRefused } from './refused.ts'

/**
 * A writer that has not changed the manifest for so long after a claim is dead. If it is not, the
 * fence refuses what it still writes.
 */
const LEASE_MS = 15_000
const LOOK_MS = 1_000
/**
 * A candidate that takes long to restore renews its claim: otherwise the writer before it would
 * take it for dead, and go on.
 */
const BEAT_MS = 20_000

export const claim = async (
  candidate: Candidate,
  { manifest, tag }: TaggedManifest,
): Promise<TaggedManifest> => {
  const { id, disk } = candidate
  const here = (await disk.look())?.lineage?.epoch ?? 0
  const epoch = Math.max(manifest.epoch, manifest.claim?.epoch ?? 0, here) + 1
  return swapManifest(candidate, { ...manifest, claim: { epoch, by: id } }, tag)
}

/** Waits until the writer has released the database, or has not changed the manifest for a lease. */
export const waitForTurn = async (
  candidate: Candidate,
  claimed: TaggedManifest,
): Promise<TaggedManifest> => {
  const { timer, log } = candidate
  let [tagged, since] = [claimed, timer.now()]
  if (!tagged.manifest.released)
    log.info('waiting for the process that has the database', { epoch: tagged.manifest.epoch })
  while (!tagged.manifest.released && timer.now() - since < LEASE_MS) {
    await timer.sleep(LOOK_MS)
    const seen = await stillClaimed(candidate)
    if (seen.tag !== tagged.tag) since = timer.now()
    tagged = seen
  }
  if (!tagged.manifest.released)
    log.warning('the process before has not answered for a lease: taking over from its last backup')
  return tagged
}

const stillClaimed = async (candidate: Candidate): Promise<TaggedManifest> => {
  const seen = await readManifest(candidate)
  if (seen === undefined)
    throw new BackupRefused('manifest.json has vanished from the bucket: put it back')
  if (seen.manifest.claim?.by !== candidate.id)
    throw new BackupRefused(
      'another process has claimed the database after this one: this one ends',
    )
  return seen
}

/** Makes this process the writer. */
export const take = (
  candidate: Candidate,
  { manifest, tag }: TaggedManifest,
  epoch: number,
): Promise<TaggedManifest> =>
  swapManifest(
    candidate,
    { ...manifest, epoch, writer: candidate.id, released: false, claim: null },
    tag,
  )

/** Renews the claim until `end` is called, which returns the last state of the manifest. */
export const renewClaim = (
  candidate: Candidate,
  ready: TaggedManifest,
): { end(): Promise<TaggedManifest> } => {
  let tagged = ready
  const ending = new AbortController()
  const beating = (async () => {
    for (;;) {
      await candidate.timer.sleep(BEAT_MS, ending.signal)
      if (ending.signal.aborted) return tagged
      tagged = await swapManifest(candidate, tagged.manifest, tagged.tag)
    }
  })()
  beating.catch(() => {})
  return {
    end: () => {
      ending.abort()
      return beating
    },
  }
}
