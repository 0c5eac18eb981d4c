// npm run bench: how fast the service is, as ratios to a bare app in the same run. See
// docs/performance.md.
import { runProgram } from '../scripts/support/program.ts'
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
  streams: async () => (await import('./parts/streams.ts')).measureStreams,
} satisfies Record<string, () => Promise<Part>>
type Name = keyof typeof parts
const names = Object.keys(parts) as Name[]

const program = {
  name: 'npm run bench',
  forms: [
    `[--quick] [--all] [${names.map((name) => `--${name}`).join('] [')}]`,
    '[--quick] --against COMMIT',
  ],
  about:
    'Measures how fast the service is, as ratios to a bare app in the same run, and writes docs/performance.md, which says what each part is.',
  options: {
    quick: { doc: 'measures little, and writes nothing: to see that everything works' },
    all: { doc: 'measures every part' },
    ...(Object.fromEntries(
      names.map((name) => [name, { doc: `measures the part "${name}"` }]),
    ) as Record<Name, { readonly doc: string }>),
    against: { value: 'COMMIT', doc: 'measures this version beside the one of a commit' },
  },
  examples: [
    ['', `measures ${Object.keys(usual).join(', ')}`],
    ['--quick --all', 'tries every part'],
    ['--against cc92c13', 'measures whether it has become slower since then'],
  ],
  exits: { 1: 'a floor does not hold, or a part failed' },
} as const

const show = ({ text, verdicts, absent = [] }: Section): void =>
  console.log(
    [text, verdicts.map(lineOf).join('\n'), absent.map((line) => `left out: ${line}`).join('\n')]
      .filter(Boolean)
      .join('\n\n'),
  )

await runProgram(program, async ({ options: { quick, all, against, ...chosen } }) => {
  const named = names.filter((name) => chosen[name])
  const usually = against === undefined ? (Object.keys(usual) as Name[]) : []
  const wanted = all ? names : named.length > 0 ? named : usually
  requireWrk()
  const effort = effortOf({ quick })
  const run = describeRun(effort)
  console.log(`${run.where}; ${run.load}`)
  build('build')
  const measured: [string, Part][] = []
  for (const name of wanted) measured.push([name, await parts[name]()])
  if (against !== undefined) {
    const { measureAgainst } = await import('./parts/against.ts')
    measured.push([`against ${against}`, (effort) => measureAgainst(effort, against)])
  }
  for (const [name, part] of measured) {
    console.log(`\n## ${name}\n`)
    const section = await part(effort)
    show(section)
    if (!quick) writeSection(section, run)
    if (section.verdicts.some(({ passed, speed }) => !passed && !(quick && speed)))
      process.exitCode = 1
  }
})
