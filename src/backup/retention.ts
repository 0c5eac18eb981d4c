import type { Backup } from './manifest.ts'

const LAST = 10
const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * The backups to keep, of these with the newest last: the last ten, the last of each of the 25
 * newest hours that have one, and of the 8 newest days that have one. Where there is one every hour,
 * that is a day and a week. The present time is not asked: a clock that is ahead for a while must not
 * make them all old.
 */
export const retained = (backups: readonly Backup[]): Backup[] => {
  const kept = new Set(backups.slice(-LAST))
  for (const [step, most] of [
    [HOUR, 25],
    [DAY, 8],
  ] as const) {
    const lastOf = new Map<number, Backup>()
    for (const backup of backups.toReversed()) {
      const when = Math.floor(Date.parse(backup.created_at) / step)
      if (!lastOf.has(when) && lastOf.size < most) lastOf.set(when, backup)
    }
    for (const backup of lastOf.values()) kept.add(backup)
  }
  return backups.filter((backup) => kept.has(backup))
}
