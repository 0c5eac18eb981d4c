// What became of reminders whose time came, as the metrics show it.
import type { Figures } from '../../core/broadcast.ts'
import { createHistogram } from '../../db/histogram.ts'

type Outcome = 'fired' | 'late' | 'missed'

export type FiringCounts = {
  /** `delay`: how long after its time, in milliseconds. */
  fired(delay: number, late: boolean): void
  missed(): void
  figures(): Figures
}

export const createFiringCounts = (): FiringCounts => {
  const counts: Record<Outcome, number> = { fired: 0, late: 0, missed: 0 }
  const delays = createHistogram()
  return {
    fired: (delay, late) => {
      counts[late ? 'late' : 'fired']++
      delays.observe(Math.max(0, delay))
    },
    missed: () => {
      counts.missed++
    },
    figures: () => ({
      ...Object.fromEntries(
        Object.entries(counts).map(([outcome, count]) => [
          `taskport_reminders_total{outcome="${outcome}"}`,
          count,
        ]),
      ),
      ...Object.fromEntries(delays.figures('taskport_reminder_delay_seconds')),
    }),
  }
}
