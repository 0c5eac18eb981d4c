// npm run bench: how fast the service is, as ratios to a bare app in the same run. See
// docs/performance.md.
import { parseArgs } from 'node:util'
import { type Effort, effortOf } from './effort.ts'
import { requireWrk } from './load/load.ts'
import { describeRun, writeSection } from './report/document.ts'
import { lineOf, type Section } from './report/section.ts'
import { build } from './servers/service.ts'

type Part = (effort: Effort) => Promise<Section>

/** Those of `usual` are measured when none is named. */
const usual = {
  ratios: async () => (await import('./parts/ratios.ts')).measureRatios,
  'half-load': async () => (await import('./parts/half-load.ts')).measureHalfLoad,
  workers: async () => (await import('./parts/workers.ts')).measureWorkers,
} satisfies Record<string, () => Promise<Part>>
const parts = {
  ...usual,
  databases: async () => (await import('./parts/databases.ts')).measureDatabases,
  runtimes: async () => (await import('./parts/runtimes.ts')).measureRuntimes,
  sizes: async () => (await import('./parts/sizes.ts')).measureSizes,
  endurance: async () => (await import('./parts/endurance.ts')).measureEndurance,
} satisfies Record<string, () => Promise<Part>>
type Name = keyof typeof parts
const names = Object.keys(parts) as Name[]

const flag = { type: 'boolean', default: false } as const
const options = {
  quick: flag,
  all: flag,
  ...(Object.fromEntries(names.map((name) => [name, flag])) as Record<Name, typeof flag>),
}
const read = () => {
  try {
    return parseArgs({ options }).values
  } catch {
    console.error(
      `npm run bench -- [--quick] [--all] [${names.map((name) => `--${name}`).join('] [')}]: docs/performance.md says what each is`,
    )
    return process.exit(2)
  }
}
const { quick, all, ...chosen } = read()
const named = names.filter((name) => chosen[name])
const wanted = all ? names : named.length > 0 ? named : (Object.keys(usual) as Name[])

const show = ({ text, verdicts, absent = [] }: Section): void =>
  console.log(
    [text, verdicts.map(lineOf).join('\n'), absent.map((line) => `left out: ${line}`).join('\n')]
      .filter(Boolean)
      .join('\n\n'),
  )

requireWrk()
const effort = effortOf({ quick })
const run = describeRun(effort)
console.log(`${run.where}; ${run.load}`)
build('build')
for (const name of wanted) {
  console.log(`\n## ${name}\n`)
  const section = await (await parts[name]())(effort)
  show(section)
  if (!quick) writeSection(section, run)
  if (section.verdicts.some(({ passed, speed }) => !passed && !(quick && speed)))
    process.exitCode = 1
}
