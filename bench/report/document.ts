// Sections into docs/performance.md, each between its markers.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Effort } from '../effort.ts'
import { CONNECTIONS } from '../load/load.ts'
import { ROOT } from '../servers/process.ts'
import { lineOf, type Section } from './section.ts'

const DOC = join(ROOT, 'docs/performance.md')

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
/** With a + where files differed from it: all but what the bench itself writes. */
const commit = (): string =>
  `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '.', ':!docs/performance.md') === '' ? '' : '+'}`

type Run = { readonly where: string; readonly load: string }
/**
 * The machine, and how it is measured. Taken when a run begins: what is committed meanwhile was not
 * measured.
 */
export const describeRun = ({ rounds, seconds }: Effort): Run => {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 1e9)} GB`
  return {
    where: `${new Date().toISOString().slice(0, 10)}, commit ${commit()}; ${machine}; Node ${process.versions.node}`,
    load: `wrk, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s`,
  }
}

export const writeSection = (
  { name, text, verdicts, absent = [], load }: Section,
  run: Run,
): void => {
  const document = readFileSync(DOC, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const at = [document.indexOf(begin) + begin.length, document.indexOf(end)] as const
  if (at[0] < begin.length || at[1] < at[0])
    throw new Error(`docs/performance.md has no place for ${name}`)
  const head = `${run.where}; ${load ?? run.load}.`
  const list = [...verdicts.map(lineOf), ...absent.map((line) => `left out: ${line}`)]
    .map((line) => `- ${line}`)
    .join('\n')
  writeFileSync(
    DOC,
    `${document.slice(0, at[0])}\n${head}\n\n${text}\n\n${list}\n${document.slice(at[1])}`,
  )
}
