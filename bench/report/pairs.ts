// The rows of tables that set the service beside a bare app.
import type { Measured } from '../measure.ts'
import { fixed, median, spread, whole } from './numbers.ts'

export type Pair = { readonly service: Measured; readonly bare: Measured }

export const ratioOf = (pairs: readonly Pair[]): number => median(ratios(pairs))
const ratios = (pairs: readonly Pair[]) =>
  pairs.map(({ service, bare }) => service.perSecond / bare.perSecond)

const columns: Readonly<Record<string, (pairs: readonly Pair[]) => string>> = {
  'requests/s': (pairs) => whole(median(pairs.map(({ service }) => service.perSecond))),
  'bare, requests/s': (pairs) => whole(median(pairs.map(({ bare }) => bare.perSecond))),
  'ratio (least–most)': (pairs) => spread(ratios(pairs)),
  'p50, ms': (pairs) => fixed(median(pairs.map(({ service }) => service.p50))),
  'p99, ms': (pairs) => fixed(median(pairs.map(({ service }) => service.p99))),
  'bare p99, ms': (pairs) => fixed(median(pairs.map(({ bare }) => bare.p99))),
  'CPU, µs': (pairs) => whole(median(pairs.map(({ service }) => service.cpuMicros))),
  'bare CPU, µs': (pairs) => whole(median(pairs.map(({ bare }) => bare.cpuMicros))),
  "generator's CPU, µs": (pairs) =>
    whole(median(pairs.map(({ service }) => service.generatorMicros))),
  'RSS, MB': (pairs) => whole(Math.max(...pairs.map(({ service }) => service.rss))),
}

export const pairHead = Object.keys(columns)
export const pairCells = (pairs: readonly Pair[]): string[] =>
  Object.values(columns).map((cell) => cell(pairs))
