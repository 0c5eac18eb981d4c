import type { Ctx } from '../../core/context.ts'
import type { Job } from '../../core/job.ts'
import { instantOf } from '../../db/instant.ts'
import { FIRES_WITHIN_MS, settleMissed } from '../reminders/index.ts'
import { pruneActivity } from './activity.ts'
import { finishInterrupted } from './bulk.ts'
import { countChildren } from './children.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { pruneDeliveries } from './deliveries.ts'
import { deleteExpired } from './expired.ts'
import { deriveInstants } from './instants.ts'
import { createLeasedJobs } from './leased-job.ts'
import { repairUnchecked } from './repair.ts'
import { pruneTombstones } from './tombstones.ts'
import { emptyTrash } from './trash.ts'

export { countChildren, deriveInstants, finishInterrupted, repairUnchecked }

const HOUR = 60 * 60_000
const DAY = 24 * HOUR

/**
 * What one process does, of all on the database, one after the other: every hour what has expired
 * is deleted, what an older version wrote is repaired, and reminders that could not fire for a day
 * are given up. Every day tasks leave the trash that have been there for `trashDays` (0: never),
 * and the change log forgets things that have long been gone. What cannot be undone waits for the
 * confirmed time.
 */
export const maintenanceJobs = (
  ctx: Omit<Ctx, 'actor'>,
  { trashDays, activityDays }: { readonly trashDays: number; readonly activityDays: number },
): Job[] => {
  const job = createLeasedJobs(ctx)
  return [
    job({ name: 'expiry', every: HOUR, act: (of) => deleteExpired(of, activityDays) }),
    job({ name: 'old_activity', every: HOUR, act: (of) => pruneActivity(of) }),
    job({ name: 'old_deliveries', every: HOUR, act: pruneDeliveries }),
    job({ name: 'repair', every: HOUR, act: repair }),
    job({ name: 'missed_reminders', every: HOUR, act: giveUpMissed }),
    job({ name: 'trash', every: DAY, act: (of) => emptyTrash(of, trashDays) }),
    job({ name: 'tombstones', every: DAY, act: pruneTombstones }),
  ]
}

const repair = async (ctx: MaintenanceCtx): Promise<void> => {
  await repairUnchecked(ctx)
  await countChildren(ctx)
}

const giveUpMissed = (ctx: MaintenanceCtx): Promise<void> =>
  settleMissed(ctx, instantOf(olderThan(ctx.observed, FIRES_WITHIN_MS)))
