import { noteSuperseded } from '../../core/superseded.ts'
import { isSuperseded } from '../../db/portable.ts'
import { countChildren, repairUnchecked } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import type { Opened } from './database.ts'

/**
 * Within this time a deployment has ended the processes of the older version. After it, the hourly
 * maintenance repairs.
 */
const OVERLAP_MS = 10 * 60_000
const PAUSE_MS = 1_000
/** At most a tenth of the time is spent on repairs. */
const SHARE = 9

/**
 * Repairs every second what processes of an older version write, for ten minutes after a migration.
 * If migrations are a separate step (MIGRATE is not `auto`), this process does not know when the
 * last one ran, so it repairs after each start. Its timers do not keep the process alive, and end
 * with `signal`.
 */
export const repairDuringOverlap = (
  deps: Deps,
  { applied }: Pick<Opened, 'applied'>,
  signal: AbortSignal,
): void => {
  const { config, log } = deps
  if (applied.length === 0 && config.migrate === 'auto') return
  const until = performance.now() + OVERLAP_MS
  const look = async () => {
    if (signal.aborted) return
    const began = performance.now()
    try {
      const ctx = { ...deps, quotas: config.quotas, signal }
      await repairUnchecked(ctx)
      await countChildren(ctx)
    } catch (error) {
      if (isSuperseded(error)) return noteSuperseded(log)
      if (signal.aborted) return
      log.warning('what an older version wrote could not be repaired yet', { error })
    }
    const now = performance.now()
    if (now < until) setTimeout(look, Math.max(PAUSE_MS, SHARE * (now - began))).unref()
  }
  setTimeout(look, PAUSE_MS).unref()
}
