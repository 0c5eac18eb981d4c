// What became of attempts to deliver, as the metrics show it.
import type { Figures } from '../../core/broadcast.ts'

type AttemptOutcome = 'delivered' | 'retried' | 'failed'

export type DeliveryCounts = {
  attempted(outcome: AttemptOutcome): void
  figures(): Figures
}

export const createDeliveryCounts = (): DeliveryCounts => {
  const counts: Record<AttemptOutcome, number> = { delivered: 0, retried: 0, failed: 0 }
  return {
    attempted: (outcome) => {
      counts[outcome]++
    },
    figures: () =>
      Object.fromEntries(
        Object.entries(counts).map(([outcome, count]) => [
          `taskport_webhook_attempts_total{outcome="${outcome}"}`,
          count,
        ]),
      ),
  }
}
