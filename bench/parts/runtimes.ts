// The service on each runtime, against a bare app on the same one.
import { compare, type Row } from '../compare.ts'
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { pairCells, pairHead } from '../report/pairs.ts'
import { allAnswered, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import type { Answers, ScenarioName } from '../scenarios.ts'
import { startBare } from '../servers/bare.ts'
import { isInstalled, type Server } from '../servers/process.ts'
import { build, startService } from '../servers/service.ts'
import { type Later, temporaryFolder, undoing } from '../temporary.ts'

const NAMES: readonly ScenarioName[] = ['health', 'one', 'list', 'create', 'patch']

type Runtime = {
  readonly title: string
  readonly absent?: string | undefined
  start(later: Later): Promise<Server>
  startBare(answers: Answers, later: Later): Promise<Server>
}

const processOn = (name: 'node' | 'bun' | 'deno', title: string): Runtime => ({
  title,
  absent: name === 'node' || isInstalled(name) ? undefined : `${title}: ${name} is not on the PATH`,
  start: (later) =>
    startService({
      dataDir: temporaryFolder(later),
      script: name === 'node' ? 'start' : `start:${name}`,
    }),
  startBare: (answers) => startBare(answers, name),
})

const workerd: Runtime = {
  title: 'workerd with D1',
  start: async (later) => {
    build('build:worker')
    return (await import('../servers/workerd.ts')).startWorker(later)
  },
  startBare: async (answers, later) =>
    (await import('../servers/workerd.ts')).startBareWorker(answers, later),
}

const runtimes = [
  processOn('node', 'Node'),
  processOn('bun', 'Bun'),
  processOn('deno', 'Deno'),
  workerd,
]

export const measureRuntimes = async (effort: Effort): Promise<Section> => {
  const present = runtimes.filter(({ absent }) => absent === undefined)
  const rows: { runtime: Runtime; rows: readonly Row[] }[] = []
  for (const runtime of present) rows.push({ runtime, rows: await measureOne(runtime, effort) })
  const all = rows.flatMap(({ runtime, rows }) => rows.map((row) => ({ runtime, ...row })))
  return {
    name: 'runtimes',
    text: tableOf(
      ['', ...pairHead],
      all.map(({ runtime, scenario, pairs }) => [
        `${runtime.title}, ${scenario.title}`,
        ...pairCells(pairs),
      ]),
    ),
    verdicts: [
      allAnswered(
        all.flatMap(({ pairs }) => pairs.flatMap(({ service, bare }) => [service, bare])),
      ),
    ],
    absent: runtimes.flatMap(({ absent }) => (absent === undefined ? [] : [absent])),
  }
}

const measureOne = (runtime: Runtime, effort: Effort): Promise<readonly Row[]> =>
  undoing(async (later) => {
    const service = await runtime.start(later)
    later(service.stop)
    const world = await furnish(service.url)
    return compare(
      { service, world, names: NAMES, startBare: (answers) => runtime.startBare(answers, later) },
      effort,
    )
  })
