// What becomes of the data if the process ends now, as it stands with its backups.
import type { Clock } from '../core/clock.ts'
import { instantOf } from '../db/instant.ts'
import type { About, BackupStatus, Durability } from './deps.ts'

const seconds = (ms: number): number => Math.round(ms / 100) / 10
const some = (ms: number): string =>
  ms < 120_000 ? `${Math.ceil(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`

const REMEDY =
  'Set BACKUP_URL to have the database backed up to a bucket and restored from there, or DATABASE_URL to use a server.'

/**
 * A database that backs itself up is as durable as its backups: while they fail, as the disk that it
 * is on.
 */
export const durabilityNow = async (
  { durability, backups }: Pick<About, 'durability' | 'backups'>,
  clock: Clock,
): Promise<Durability> => {
  if (!backups)
    return durability.kind === 'durable'
      ? durability
      : { ...durability, reason: `${durability.reason} ${REMEDY}` }
  const now = await backups()
  if (!now.failing) return { kind: 'durable', reason: kept(now, clock) }
  const since =
    now.unsavedFor === undefined
      ? ''
      : ` What was written in the last ${some(now.unsavedFor)} is in no backup.`
  return {
    kind: durability.kind,
    reason: `Backups of the database fail at present.${since} ${durability.reason}`,
  }
}

const kept = ({ last, lossBound }: BackupStatus, clock: Clock): string => {
  const backedUp = 'The database backs itself up to another place, and comes back from there.'
  if (last === undefined || lossBound === undefined)
    return `${backedUp} The first backup has not been made yet.`
  return `${backedUp} The last backup was made ${some(Math.max(0, clock.now() - last.at))} ago; a sudden end of the process costs at most the last ${some(lossBound)}.`
}

export const backupNow = async ({ backups }: Pick<About, 'backups'>, clock: Clock) => {
  if (!backups) return null
  const { last, lossBound, unsavedFor, failures } = await backups()
  return {
    last_at: last ? instantOf(last.at) : null,
    age_seconds: last ? seconds(clock.now() - last.at) : null,
    size_bytes: last?.bytes ?? null,
    duration_seconds: last ? last.duration / 1000 : null,
    encrypted: last?.encrypted ?? null,
    loss_bound_seconds: lossBound === undefined ? null : seconds(lossBound),
    unsaved_seconds: unsavedFor === undefined ? null : seconds(unsavedFor),
    failures,
  }
}
