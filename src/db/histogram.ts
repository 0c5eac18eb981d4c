/** Counts durations in buckets, as Prometheus has them. Costs tens of nanoseconds. */
export type Histogram = {
  observe(ms: number): void
  /**
   * Its series in seconds, under this name and with these labels (as in `operation="…"`, or none).
   */
  figures(name: string, labels?: string): [string, number][]
}

/** Upper bounds in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const MILLISECONDS = BOUNDS.map((bound) => bound * 1_000)

export const createHistogram = (): Histogram => {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0)
  let sum = 0
  return {
    observe: (ms) => {
      let i = 0
      while (i < MILLISECONDS.length && ms > (MILLISECONDS[i] as number)) i++
      counts[i] = (counts[i] as number) + 1
      sum += ms
    },
    figures: (name, labels = '') => {
      const lead = labels === '' ? '' : `${labels},`
      const own = labels === '' ? '' : `{${labels}}`
      let below = 0
      const buckets = counts.map((count, i): [string, number] => {
        below += count
        return [`${name}_bucket{${lead}le="${BOUNDS[i] ?? '+Inf'}"}`, below]
      })
      return [...buckets, [`${name}_sum${own}`, sum / 1_000], [`${name}_count${own}`, below]]
    },
  }
}
