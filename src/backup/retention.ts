import type { Backup } from './manifest.ts'

const LAST = 10
const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * The backups to keep, of these with the newest last: the last ten, the last of each hour for a day,
 * and the last of each day for a week.
 */
export const retained = (backups: readonly Backup[], now: number): Backup[] => {
  const kept = new Set(backups.slice(-LAST))
  for (const [step, reach] of [
    [HOUR, DAY],
    [DAY, 7 * DAY],
  ] as const) {
    const lastOf = new Map<number, Backup>()
    for (const backup of backups) {
      const at = Date.parse(backup.created_at)
      if (now - at <= reach) lastOf.set(Math.floor(at / step), backup)
    }
    for (const backup of lastOf.values()) kept.add(backup)
  }
  return backups.filter((backup) => kept.has(backup))
}
