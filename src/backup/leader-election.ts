// How a process becomes the writer. It claims the next epoch in the manifest. It waits until the
// writer before it has released the database, or has not changed the manifest for a lease. It takes
// over by a swap of the manifest, and puts a restored database in place only after that.
import type { Log } from '../core/log.ts'
import type { Lineage } from './lineage.ts'
import {
  type Backup,
  isConflict,
  type Manifest,
  newest,
  readManifest,
  type Source,
  swapManifest,
  type TaggedManifest,
} from './manifest.ts'
import { BackupRefused } from './refused.ts'
import { type Decision, decide, type Local } from './restore-decision.ts'
import type { Timer } from './retry.ts'

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

/** A restored file beside the database file. `place` returns where it moved the older database. */
type Staged = { place(): Promise<string | undefined>; discard(): Promise<void> }

/** The database file of this process. */
export type Disk = {
  look(): Promise<Local | undefined>
  /** Makes a new database, or takes the one that is there, and writes its lineage. */
  begin(lineage: Lineage): Promise<void>
  /** Deletes the database that `begin` made, if it made one. */
  retract(): Promise<void>
  writeLineage(lineage: Lineage): Promise<void>
  /** Downloads a backup, checks every byte and the database in it, and writes its lineage. */
  stage(backup: Backup, lineage: Lineage): Promise<Staged>
}

export type Candidate = Source & {
  readonly disk: Disk
  readonly timer: Timer
  readonly log: Log
  /** The id of this process. */
  readonly id: string
  /** The last migration of this version. A backup with a later one is refused. */
  readonly lastMigration: string
}

/**
 * The result of an election: the database was `restored` from a backup, `begun`, or `kept` with
 * writes that no backup may hold.
 */
export type Election = {
  readonly tagged: TaggedManifest
  readonly how: 'begun' | 'kept' | 'restored'
  readonly from: Backup | undefined
}

/** Waits until this process is the writer. Throws BackupRefused and BucketError. */
export const becomeLeader = async (candidate: Candidate): Promise<Election> => {
  for (;;) {
    const tagged = await readManifest(candidate)
    await decideOn(candidate, tagged?.manifest) // a refused candidate must not claim
    const done = tagged === undefined ? await begin(candidate) : await takeOver(candidate, tagged)
    if (done) return done
  }
}

type Accepted = Exclude<Decision, { kind: 'refuse' }>

const decideOn = async (
  { bucket, disk, lastMigration }: Candidate,
  manifest: Manifest | undefined,
): Promise<Accepted> => {
  const decision = decide(await disk.look(), manifest, await bucket.list())
  if (decision.kind === 'refuse') throw new BackupRefused(`${decision.reason}: ${decision.remedy}`)
  const migration = manifest && newest(manifest)?.migration
  if (migration !== undefined && migration > lastMigration)
    throw new BackupRefused(
      `the newest copy has the migration ${migration}, which this version does not know: start the newer version, or restore an older copy`,
    )
  return decision
}

const begin = async (candidate: Candidate): Promise<Election | undefined> => {
  const { disk, id } = candidate
  const known = (await disk.look())?.lineage
  const lineage = { id: known?.id ?? crypto.randomUUID(), epoch: (known?.epoch ?? 0) + 1 }
  await disk.begin(lineage)
  try {
    const tagged = await swapManifest(
      candidate,
      {
        format: 1,
        lineage: lineage.id,
        epoch: lineage.epoch,
        writer: id,
        released: false,
        claim: null,
        copies: [],
      },
      undefined,
    )
    return { tagged, how: 'begun', from: undefined }
  } catch (error) {
    if (!isConflict(error)) throw error
    await disk.retract()
    return undefined
  }
}

/**
 * Returns undefined if another process changed the manifest meanwhile: then everything has to be
 * decided again.
 */
const takeOver = async (
  candidate: Candidate,
  found: TaggedManifest,
): Promise<Election | undefined> => {
  const { disk, log } = candidate
  try {
    const claimed = await claim(candidate, found)
    const lineage = { id: claimed.manifest.lineage, epoch: claimed.manifest.claim?.epoch ?? 0 }
    const ready = await waitForTurn(candidate, claimed)
    const decision = await decideOn(candidate, ready.manifest)
    if (decision.kind === 'keep') {
      await disk.writeLineage(lineage)
      return { tagged: await take(candidate, ready, lineage.epoch), how: 'kept', from: undefined }
    }
    const backup = newest(ready.manifest)
    if (backup === undefined) {
      log.warning('the writer before ended before its first copy: there is nothing to restore')
      await disk.begin(lineage)
      return { tagged: await take(candidate, ready, lineage.epoch), how: 'begun', from: undefined }
    }
    return await restore(candidate, ready, { backup, lineage })
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

const claim = async (
  candidate: Candidate,
  { manifest, tag }: TaggedManifest,
): Promise<TaggedManifest> => {
  const { id, disk } = candidate
  const here = (await disk.look())?.lineage?.epoch ?? 0
  const epoch = Math.max(manifest.epoch, manifest.claim?.epoch ?? 0, here) + 1
  return swapManifest(candidate, { ...manifest, claim: { epoch, by: id } }, tag)
}

const waitForTurn = async (
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
    log.warning('the process before has not answered for a lease: taking over from its last copy')
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

const take = (
  candidate: Candidate,
  { manifest, tag }: TaggedManifest,
  epoch: number,
): Promise<TaggedManifest> =>
  swapManifest(
    candidate,
    { ...manifest, epoch, writer: candidate.id, released: false, claim: null },
    tag,
  )

const restore = async (
  candidate: Candidate,
  ready: TaggedManifest,
  { backup, lineage }: { backup: Backup; lineage: Lineage },
): Promise<Election> => {
  const { disk, log } = candidate
  log.info('restoring', { copied_at: backup.created_at, bytes: backup.bytes })
  const beat = keepAlive(candidate, ready)
  let staged: Staged | undefined
  try {
    staged = await disk.stage(backup, lineage)
    const tagged = await take(candidate, await beat.end(), lineage.epoch)
    const aside = await staged.place()
    if (aside !== undefined)
      log.warning('an older database was here: it is kept beside the restored one', { file: aside })
    return { tagged, how: 'restored', from: backup }
  } catch (error) {
    await beat.end().catch(() => {})
    await staged?.discard()
    throw error
  }
}

/** Renews the claim until `end` is called, which returns the last state of the manifest. */
const keepAlive = (
  candidate: Candidate,
  ready: TaggedManifest,
): { end(): Promise<TaggedManifest> } => {
  let [tagged, over] = [ready, false]
  let wake = () => {}
  const ended = new Promise<void>((resolve) => {
    wake = resolve
  })
  const beating = (async () => {
    for (;;) {
      await Promise.race([candidate.timer.sleep(BEAT_MS), ended])
      if (over) return tagged
      tagged = await swapManifest(candidate, tagged.manifest, tagged.tag)
    }
  })()
  beating.catch(() => {})
  return {
    end: () => {
      over = true
      wake()
      return beating
    },
  }
}
