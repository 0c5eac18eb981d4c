// How a process becomes the writer: it claims the next epoch in the manifest, waits until the
// writer before it has released the database or kept silent for a lease, takes over by a swap, and
// only then puts in place what it has restored.
import type { Log } from '../core/log.ts'
import type { Stamp } from './lineage.ts'
import {
  type Copy,
  type Held,
  isConflict,
  type Manifest,
  newest,
  readManifest,
  type Source,
  swapManifest,
} from './manifest.ts'
import { type Decision, decide, type Local } from './restore-decision.ts'
import type { Timer } from './retry.ts'

/**
 * A writer that says nothing for so long after a claim is dead. What it still does is fenced off.
 */
const LEASE_MS = 15_000
const LOOK_MS = 1_000
/** A newcomer that restores for long shows that it lives, or the writer before would resume. */
const BEAT_MS = 20_000

/** It cannot go on: `reason` and `remedy` are for the operator. */
export class SuccessionRefused extends Error {}

/**
 * A restored file that waits beside the place of the database; `place` answers where it put the
 * file that was there.
 */
type Staged = { place(): Promise<string | undefined>; discard(): Promise<void> }

/** The database file of this process. */
export type Disk = {
  look(): Promise<Local | undefined>
  /** Makes a new database, or takes the one that is there, and stamps it. */
  begin(stamp: Stamp): Promise<void>
  /** What `begin` has done is undone: a database that it made is gone. */
  retract(): Promise<void>
  stamp(stamp: Stamp): Promise<void>
  /** Downloads a copy, checks every byte and the database in it, and stamps it. */
  stage(copy: Copy, stamp: Stamp): Promise<Staged>
}

export type Newcomer = Source & {
  readonly disk: Disk
  readonly timer: Timer
  readonly log: Log
  /** Of this process. */
  readonly id: string
  /**
   * The tag of the last migration that this version knows: a copy with a later one is not taken
   * over.
   */
  readonly lastMigration: string
}

/**
 * What became of the database here: `restored` from this copy, `begun`, or `kept`, with writes that
 * no copy may hold.
 */
export type Succession = {
  readonly held: Held
  readonly how: 'begun' | 'kept' | 'restored'
  readonly from: Copy | undefined
}

/** Waits for its turn and becomes the writer. Throws SuccessionRefused and BucketError. */
export const succeed = async (newcomer: Newcomer): Promise<Succession> => {
  for (;;) {
    const held = await readManifest(newcomer)
    await decideOn(newcomer, held?.manifest) // who would be refused leaves the writer alone
    const done = held === undefined ? await begin(newcomer) : await takeOver(newcomer, held)
    if (done) return done
  }
}

type Accepted = Exclude<Decision, { kind: 'refuse' }>

const decideOn = async (
  { bucket, disk, lastMigration }: Newcomer,
  manifest: Manifest | undefined,
): Promise<Accepted> => {
  const decision = decide(await disk.look(), manifest, await bucket.list())
  if (decision.kind === 'refuse')
    throw new SuccessionRefused(`${decision.reason}: ${decision.remedy}`)
  const migration = manifest && newest(manifest)?.migration
  if (migration !== undefined && migration > lastMigration)
    throw new SuccessionRefused(
      `the newest copy has the migration ${migration}, which this version does not know: start the newer version, or restore an older copy`,
    )
  return decision
}

const begin = async (newcomer: Newcomer): Promise<Succession | undefined> => {
  const { disk, id } = newcomer
  const known = (await disk.look())?.stamp
  const stamp = { lineage: known?.lineage ?? crypto.randomUUID(), epoch: (known?.epoch ?? 0) + 1 }
  await disk.begin(stamp)
  try {
    const held = await swapManifest(
      newcomer,
      { format: 1, ...stamp, writer: id, released: false, claim: null, copies: [] },
      undefined,
    )
    return { held, how: 'begun', from: undefined }
  } catch (error) {
    if (!isConflict(error)) throw error
    await disk.retract()
    return undefined
  }
}

/**
 * Undefined where another process changed the manifest meanwhile: then everything is decided again.
 */
const takeOver = async (newcomer: Newcomer, found: Held): Promise<Succession | undefined> => {
  const { disk, log } = newcomer
  try {
    const claimed = await claim(newcomer, found)
    const stamp = { lineage: claimed.manifest.lineage, epoch: claimed.manifest.claim?.epoch ?? 0 }
    const ready = await waitForTurn(newcomer, claimed)
    const decision = await decideOn(newcomer, ready.manifest)
    if (decision.kind === 'keep') {
      await disk.stamp(stamp)
      return { held: await take(newcomer, ready, stamp.epoch), how: 'kept', from: undefined }
    }
    const copy = newest(ready.manifest)
    if (copy === undefined) {
      log.warning('the writer before ended before its first copy: there is nothing to restore')
      await disk.begin(stamp)
      return { held: await take(newcomer, ready, stamp.epoch), how: 'begun', from: undefined }
    }
    return await restore(newcomer, ready, { copy, stamp })
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

const claim = async (newcomer: Newcomer, { manifest, tag }: Held): Promise<Held> => {
  const { id, disk } = newcomer
  const here = (await disk.look())?.stamp?.epoch ?? 0
  const epoch = Math.max(manifest.epoch, manifest.claim?.epoch ?? 0, here) + 1
  return swapManifest(newcomer, { ...manifest, claim: { epoch, by: id } }, tag)
}

const waitForTurn = async (newcomer: Newcomer, claimed: Held): Promise<Held> => {
  const { timer, log } = newcomer
  let [held, since] = [claimed, timer.now()]
  if (!held.manifest.released)
    log.info('waiting for the process that has the database', { epoch: held.manifest.epoch })
  while (!held.manifest.released && timer.now() - since < LEASE_MS) {
    await timer.sleep(LOOK_MS)
    const seen = await stillClaimed(newcomer)
    if (seen.tag !== held.tag) since = timer.now()
    held = seen
  }
  if (!held.manifest.released)
    log.warning('the process before has not answered for a lease: taking over from its last copy')
  return held
}

const stillClaimed = async (newcomer: Newcomer): Promise<Held> => {
  const seen = await readManifest(newcomer)
  if (seen === undefined)
    throw new SuccessionRefused('manifest.json has vanished from the bucket: put it back')
  if (seen.manifest.claim?.by !== newcomer.id)
    throw new SuccessionRefused(
      'another process has claimed the database after this one: this one ends',
    )
  return seen
}

const take = (newcomer: Newcomer, { manifest, tag }: Held, epoch: number): Promise<Held> =>
  swapManifest(
    newcomer,
    { ...manifest, epoch, writer: newcomer.id, released: false, claim: null },
    tag,
  )

const restore = async (
  newcomer: Newcomer,
  ready: Held,
  { copy, stamp }: { copy: Copy; stamp: Stamp },
): Promise<Succession> => {
  const { disk, log } = newcomer
  log.info('restoring', { copied_at: copy.created_at, bytes: copy.bytes })
  const beat = keepAlive(newcomer, ready)
  let staged: Staged | undefined
  try {
    staged = await disk.stage(copy, stamp)
    const held = await take(newcomer, await beat.end(), stamp.epoch)
    const aside = await staged.place()
    if (aside !== undefined)
      log.warning('an older database was here: it is kept beside the restored one', { file: aside })
    return { held, how: 'restored', from: copy }
  } catch (error) {
    await beat.end().catch(() => {})
    await staged?.discard()
    throw error
  }
}

/** Renews the claim until it is ended, which answers the last state of the manifest. */
const keepAlive = (newcomer: Newcomer, ready: Held): { end(): Promise<Held> } => {
  let [held, over] = [ready, false]
  let wake = () => {}
  const ended = new Promise<void>((resolve) => {
    wake = resolve
  })
  const beating = (async () => {
    for (;;) {
      await Promise.race([newcomer.timer.sleep(BEAT_MS), ended])
      if (over) return held
      held = await swapManifest(newcomer, held.manifest, held.tag)
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
