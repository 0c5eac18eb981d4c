import { maintenanceJobs } from '../../src/features/maintenance/index.ts'
import type { World } from './world.ts'

const HOUR = 60 * 60 * 1000

/** One run of all maintenance, which does what is due. */
export const runMaintenance = async (
  { deps }: Pick<World, 'deps'>,
  { trashDays = 30 } = {},
): Promise<void> => {
  const { signal } = new AbortController()
  const jobs = maintenanceJobs({ ...deps, quotas: deps.config.quotas }, { trashDays })
  for (const job of jobs) await job.run({ first: false, signal })
}

/**
 * As a process does that goes on for so many hours: an hour passes, then maintenance runs. After 26
 * of them, the time at which they began is confirmed.
 */
export const maintainFor = async (
  world: Pick<World, 'deps' | 'clock'>,
  hours = 26,
  options?: { readonly trashDays: number },
): Promise<void> => {
  for (let hour = 0; hour < hours; hour++) {
    world.clock.advance(HOUR)
    await runMaintenance(world, options)
  }
}
