// What a part of the bench brings: text and tables, floors as verdicts, and what this machine lacks.
import type { Measured } from '../measure.ts'

/** Does a floor hold? */
export type Verdict = { readonly passed: boolean; readonly text: string }

export type Section = {
  /** Its place in docs/performance.md. */
  readonly name: SectionName
  /** Markdown. */
  readonly text: string
  readonly verdicts: readonly Verdict[]
  /** What was left out, and why. */
  readonly absent?: readonly string[]
}
type SectionName = 'ratios' | 'half-load' | 'workers' | 'databases' | 'runtimes' | 'sizes' | 'endurance'

export const atLeast = (what: string, value: number, floor: number): Verdict => ({
  passed: value >= floor,
  text: `${what}: ${value.toFixed(2)}, at least ${floor}`,
})

export const atMost = (what: string, value: number, ceiling: number, unit = ''): Verdict => ({
  passed: value <= ceiling,
  text: `${what}: ${value.toFixed(unit === '' ? 2 : 0)}${unit}, at most ${ceiling}${unit}`,
})

/** Nothing counts unless every answer was a 2xx. */
export const allAnswered = (loads: readonly Measured[]): Verdict => {
  const failed = loads.reduce((sum, load) => sum + load.failed, 0)
  const requests = loads.reduce((sum, load) => sum + load.requests, 0)
  return { passed: failed === 0, text: `${failed} of ${requests.toLocaleString('en')} requests without a 2xx` }
}

export const lineOf = ({ passed, text }: Verdict): string => `${passed ? 'PASS' : 'FAIL'} ${text}`
