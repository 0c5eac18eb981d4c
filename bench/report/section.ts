// What a part of the bench brings: text and tables, floors as verdicts, and what this machine
// lacks.
import type { Measured } from '../measure.ts'

/** Does it hold? What is said about `speed` needs a long measurement on a quiet machine. */
export type Verdict = { readonly passed: boolean; readonly text: string; readonly speed: boolean }

export type Section = {
  /** Its place in docs/performance.md. */
  readonly name: SectionName
  /** Markdown. */
  readonly text: string
  readonly verdicts: readonly Verdict[]
  /** What made the load, where it differs from that of most parts. */
  readonly load?: string
  /** What was left out, and why. */
  readonly absent?: readonly string[]
}
type SectionName =
  | 'ratios'
  | 'half-load'
  | 'workers'
  | 'databases'
  | 'runtimes'
  | 'sizes'
  | 'endurance'
  | 'streams'
  | 'against'

export const atLeast = (what: string, value: number, floor: number): Verdict => ({
  speed: true,
  passed: value >= floor,
  text: `${what}: ${value.toFixed(3)}, at least ${floor}`,
})

export const atMost = (what: string, value: number, ceiling: number, unit = ''): Verdict => ({
  speed: true,
  passed: value <= ceiling,
  text: `${what}: ${value.toFixed(unit === '' ? 3 : 0)}${unit}, at most ${ceiling}${unit}`,
})

/** Nothing counts unless every answer was a 2xx, and there were some in every load. */
export const allAnswered = (loads: readonly Measured[]): Verdict => {
  const failed = loads.reduce((sum, load) => sum + load.failed, 0)
  const requests = loads.reduce((sum, load) => sum + load.requests, 0)
  const silent = loads.filter((load) => load.requests === 0).length
  const text = `${failed} of ${requests.toLocaleString('en')} requests without a 2xx${silent === 0 ? '' : `; ${silent} of ${loads.length} loads without an answer`}`
  return { speed: false, passed: failed === 0 && silent === 0 && requests > 0, text }
}

export const lineOf = ({ passed, text }: Verdict): string => `${passed ? 'PASS' : 'FAIL'} ${text}`
