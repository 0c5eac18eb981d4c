import type { Timer } from '../../src/backup/retry.ts'

/** Time that stands still until it is advanced, which wakes those whose sleep is over. */
export const createManualTime = (): Timer & { advance(ms: number): void } => {
  let now = 0
  let sleeping: { until: number; wake(): void }[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        sleeping.push({ until: now + ms, wake })
        signal?.addEventListener('abort', () => wake(), { once: true })
        if (signal?.aborted) wake()
      }),
    advance: (ms) => {
      now += ms
      const awake = sleeping.filter(({ until }) => until <= now)
      sleeping = sleeping.filter(({ until }) => until > now)
      for (const { wake } of awake) wake()
    },
  }
}
