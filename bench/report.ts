// Figures as tables, floors as verdicts, and both into docs/performance.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { CONNECTIONS, type Load, tool } from './load.ts'
import type { Measured, Size } from './ratios.ts'
import type { SizeRow } from './sizes.ts'

const FLOORS = { one: 0.25, list: 0.14, create: 0.12 } as Readonly<Record<string, number>>
const MOST_RSS_MB = 120
const MOST_READY_MS = 300
const MOST_GROWTH = 1.3

export type Verdict = { readonly passed: boolean; readonly text: string }
export type Report = { readonly table: string; readonly verdicts: readonly Verdict[] }

export const reportRatios = ({ pairs, scenarios, rss, ready }: Measured): Report => {
  const rows = scenarios.map(({ name, title }) => {
    const measured = pairs.get(name) ?? []
    const of = (pick: (load: Load) => number, who: 'service' | 'bare' = 'service') => median(measured.map((pair) => pick(pair[who])))
    const ratios = measured.map(({ service, bare }) => service.perSecond / bare.perSecond)
    const failed = measured.reduce((sum, { service, bare }) => sum + service.failed + bare.failed, 0)
    const cells = [whole(of(perSecond)), whole(of(perSecond, 'bare')), ms(of(p50)), ms(of(p99)), ms(of(p99, 'bare')), spread(ratios)]
    return { name, title, failed, ratio: median(ratios), row: [title, ...cells] }
  })
  const table = tableOf(
    ['', 'requests/s', 'bare, requests/s', 'p50, ms', 'p99, ms', 'bare p99, ms', 'ratio (least–most)'],
    rows.map(({ row }) => row),
  )
  const floors = rows.flatMap(({ name, title, ratio }) => {
    const floor = FLOORS[name]
    return floor === undefined ? [] : [verdict(ratio >= floor, `${title}: ${ratio.toFixed(2)} of bare, at least ${floor}`)]
  })
  const answered = rows.map(({ title, failed }) => verdict(failed === 0, `${title}: ${failed} answers that were not a 2xx`))
  const memory = verdict(
    rss.service <= MOST_RSS_MB,
    `memory under load: ${whole(rss.service)} MB, at most ${MOST_RSS_MB}; the bare app's: ${whole(rss.bare)} MB`,
  )
  const start = verdict(
    median(ready) <= MOST_READY_MS,
    `start to ready: ${whole(median(ready))} ms (${whole(Math.min(...ready))}–${whole(Math.max(...ready))}), at most ${MOST_READY_MS}`,
  )
  return { table, verdicts: [...floors, memory, start, ...answered] }
}

export const reportSizes = (measured: readonly SizeRow[]): Report => {
  const rows = measured.map(({ title, pairs }) => {
    const growth = pairs.map(({ small, large }) => small.perSecond / large.perSecond)
    const of = (which: 'small' | 'large') => whole(median(pairs.map((pair) => pair[which].perSecond)))
    return {
      title,
      growth: median(growth),
      failed: pairs.reduce((n, p) => n + p.small.failed + p.large.failed, 0),
      row: [title, of('small'), of('large'), spread(growth)],
    }
  })
  return {
    table: tableOf(
      ['', 'requests/s, 1,000 in the file', 'requests/s, 1,000,000 in the file', 'time, as a ratio (least–most)'],
      rows.map(({ row }) => row),
    ),
    verdicts: rows.map(({ title, growth, failed }) =>
      verdict(
        growth <= MOST_GROWTH && failed === 0,
        `${title}: ${growth.toFixed(2)} times as long, at most ${MOST_GROWTH}; ${failed} failed`,
      ),
    ),
  }
}

const DOC = join(import.meta.dirname, '../docs/performance.md')

/** Puts a report between its markers in docs/performance.md. */
export const writeReport = (name: 'ratios' | 'sizes', { table, verdicts }: Report, size: Size): void => {
  const text = readFileSync(DOC, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const at = [text.indexOf(begin) + begin.length, text.indexOf(end)] as const
  if (at[0] < begin.length || at[1] < at[0]) throw new Error(`docs/performance.md has no place for ${name}`)
  const list = verdicts.map(lineOf).map((line) => `- ${line}`)
  writeFileSync(DOC, `${text.slice(0, at[0])}\n${describeRun(size)}\n\n${table}\n\n${list.join('\n')}\n${text.slice(at[1])}`)
}

export const describeRun = ({ rounds, seconds }: Size): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}; ${tool}, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s.`

export const lineOf = ({ passed, text }: Verdict): string => `${passed ? 'PASS' : 'FAIL'} ${text}`
const verdict = (passed: boolean, text: string): Verdict => ({ passed, text })

const perSecond = (load: Load) => load.perSecond
const p50 = (load: Load) => load.p50
const p99 = (load: Load) => load.p99
const whole = (n: number): string => Math.round(n).toLocaleString('en')
const ms = (n: number): string => n.toFixed(2)
const median = (list: readonly number[]): number => {
  const sorted = list.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}
const spread = (list: readonly number[]): string =>
  `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)})`

/** A table in Markdown, its columns aligned for terminals too. */
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? title).length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
