// All that the service does by itself, in the order in which it begins.
import type { Job } from './core/job.ts'
import type { ZoneData } from './core/zone-data.ts'
import type { Instant } from './db/instant.ts'
import { resumeImports } from './features/imports/index.ts'
import { deriveInstants, finishInterrupted, maintenanceJobs } from './features/maintenance/index.ts'
import { fireDue } from './features/reminders/index.ts'
import { deliverDue } from './features/webhooks/index.ts'
import type { Deps } from './http/deps.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** For so long one run begins to send. The next one goes on. */
const SENDING_MS = 25 * SECOND

const millisecondsOf = (at: Instant | undefined): number | undefined =>
  at === undefined ? undefined : Date.parse(at)

/**
 * The jobs of a service. Each process may run them all, unless it shares its connection to the
 * database with another one. `zoneData`: what this runtime calculates with.
 */
export const jobsOf = (deps: Deps, zoneData: () => Promise<ZoneData>): Job[] => {
  const { config, clock, alarm, db, webhooks } = deps
  const ctx = { ...deps, quotas: config.quotas }
  const upkeep = db.upkeep?.bind(db)
  return [
    {
      name: 'reminders',
      every: MINUTE,
      wokenBy: (wake) => alarm.hear((at) => wake(Date.parse(at))),
      run: async ({ signal }) => {
        const { next, contended, oldest } = await fireDue({ ...ctx, signal })
        const again = contended ? clock.now() + SECOND : millisecondsOf(next)
        return { next: again, overdueSince: millisecondsOf(oldest) }
      },
    },
    {
      name: 'webhooks',
      every: webhooks.every,
      wokenBy: (wake) => webhooks.hear(() => wake(clock.now())),
      run: async ({ signal }) => {
        const { next } = await deliverDue({ ...ctx, webhooks, signal }, { budgetMs: SENDING_MS })
        const at = millisecondsOf(next)
        return { next: at, overdueSince: at !== undefined && at < clock.now() ? at : undefined }
      },
    },
    {
      name: 'bulk_changes',
      every: MINUTE,
      run: async ({ first, signal }) => {
        // Those of the process before are gone on with at once.
        await finishInterrupted({ ...ctx, signal }, { idleMs: first ? 0 : MINUTE })
        return {}
      },
    },
    {
      name: 'imports',
      every: MINUTE,
      run: async ({ first, signal }) => {
        await resumeImports({ ...ctx, signal }, { idleMs: first ? 0 : MINUTE })
        return {}
      },
    },
    ...maintenanceJobs(ctx, config),
    {
      name: 'time_zones',
      every: HOUR,
      run: async ({ first, signal }) => {
        await deriveInstants(ctx, { zoneData: await zoneData(), starting: first, signal })
        return {}
      },
    },
    ...(upkeep
      ? [
          {
            name: 'upkeep',
            every: MINUTE,
            run: async () => {
              await upkeep()
              return {}
            },
          },
        ]
      : []),
  ]
}
