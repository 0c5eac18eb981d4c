// How a process becomes the writer. It claims the next epoch in the manifest. It waits until the
// writer before it has released the database, or has not changed the manifest for a lease. It takes
// over by a swap of the manifest, and puts a restored database in place only after that.
import type { Log } from '../core/log.ts'
import { claim, renewClaim, take, waitForTurn } from './claim.ts'
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

/** A restored file beside the database file. `install` returns where it moved the older database. */
type Staged = { install(): Promise<string | undefined>; discard(): Promise<void> }

/** `whole`: does the backup hold every change that its writer has answered? */
export type Claim = { readonly lineage: Lineage; readonly whole: boolean }

/** The database file of this process. */
export type Disk = {
  /** `migration` is the last one that the file has had; empty if none. */
  look(): Promise<(Local & { readonly migration: string }) | undefined>
  /** Makes a new database, or takes the one that is there, and writes its lineage. */
  begin(lineage: Lineage): Promise<void>
  /** Deletes the database that `begin` made, if it made one. */
  retract(): Promise<void>
  writeLineage(lineage: Lineage): Promise<void>
  /** Downloads a backup, checks every byte and the database in it, and writes its lineage. */
  stage(backup: Backup, claim: Claim): Promise<Staged>
}

export type Candidate = Source & {
  readonly disk: Disk
  readonly timer: Timer
  readonly log: Log
  /** The id of this process. */
  readonly id: string
  /** The last migration of this version. A backup with a later one is refused. */
  readonly lastMigration: string
  /** Is a database refused that lacks migrations (`MIGRATE=check`)? */
  readonly migrated: boolean
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
  { bucket, disk, lastMigration, migrated }: Candidate,
  manifest: Manifest | undefined,
): Promise<Accepted> => {
  const local = await disk.look()
  const decision = decide(local, manifest, await bucket.list())
  if (decision.kind === 'refuse') throw new BackupRefused(`${decision.reason}: ${decision.remedy}`)
  const migration = manifest && newest(manifest)?.migration
  if (migration !== undefined && migration > lastMigration)
    throw new BackupRefused(
      `the newest backup has the migration ${migration}, which this version does not know: start the newer version, or restore an older backup`,
    )
  const from = decision.kind === 'restore' ? decision.backup : undefined
  // Now, because a process that takes the database over and is refused then has ended the one before.
  if (migrated && (from ?? local)?.migration !== lastMigration)
    throw new BackupRefused(
      `MIGRATE is check, and ${from ? 'the newest backup' : 'the database'} lacks migrations up to ${lastMigration}: set MIGRATE to auto`,
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
      log.warning('the writer before ended before its first backup: there is nothing to restore')
      await disk.begin(lineage)
      return { tagged: await take(candidate, ready, lineage.epoch), how: 'begun', from: undefined }
    }
    return await restore(candidate, ready, { backup, lineage })
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

const restore = async (
  candidate: Candidate,
  ready: TaggedManifest,
  { backup, lineage }: { backup: Backup; lineage: Lineage },
): Promise<Election> => {
  const { disk, log } = candidate
  log.info('restoring', { backed_up_at: backup.created_at, bytes: backup.bytes })
  const beat = renewClaim(candidate, ready)
  let staged: Staged | undefined
  try {
    staged = await disk.stage(backup, { lineage, whole: ready.manifest.released })
    const tagged = await take(candidate, await beat.end(), lineage.epoch)
    const aside = await staged.install()
    if (aside !== undefined)
      log.warning('an older database was here: it is kept beside the restored one', { file: aside })
    return { tagged, how: 'restored', from: backup }
  } catch (error) {
    await beat.end().catch(() => {})
    await staged?.discard()
    throw error
  }
}
