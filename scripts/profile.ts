// npm run profile -- SCENARIO [seconds]: where the service's time goes under that load, by V8's
// sampling profiler. See docs/performance.md.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { furnish } from '../bench/data/world.ts'
import { measure } from '../bench/measure.ts'
import {
  type Scenario,
  type ScenarioName,
  scenarioNames,
  scenariosFor,
} from '../bench/scenarios.ts'
import { startSource } from '../bench/servers/service.ts'
import { temporaryFolder, undoing } from '../bench/temporary.ts'
import { UsageError } from '../src/runtimes/node/command-line.ts'
import { runProgram } from './support/program.ts'

const TOP = 25

/** The part of V8's .cpuprofile format that is read here. */
type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number }
type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  /** Microseconds: by the system's monotonic clock, and since the sample before. */
  readonly startTime: number
  readonly timeDeltas: readonly number[]
}

/**
 * `from` is when the load began: the start of the process, which is as long as a short load, is not
 * of interest.
 */
type Taken = { readonly perSecond: number; readonly from: number; readonly profile: Profile }

const profile = (name: ScenarioName, seconds: number): Promise<Taken> =>
  undoing(async (later) => {
    const folder = temporaryFolder(later)
    const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500']
    const server = await startSource({ dataDir: folder, nodeOptions })
    later(server.stop)
    const world = await furnish(server.url)
    const scenario = (await scenariosFor(world)).find((other) => other.name === name) as Scenario
    const from = Number(process.hrtime.bigint() / 1000n)
    const { perSecond } = await measure({ server, world, scenario, seconds })
    await server.stop()
    const file = readdirSync(folder).find((entry) => entry.endsWith('.cpuprofile')) as string
    return {
      perSecond,
      from,
      profile: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile,
    }
  })

/** Self time in microseconds, by what `nameOf` makes of a frame; idle time is left out. */
const selfTimes = (
  { from, profile: { nodes, samples, startTime, timeDeltas } }: Taken,
  nameOf: (frame: Frame) => string,
): Map<string, number> => {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [
      id,
      callFrame.functionName === '(idle)' ? undefined : nameOf(callFrame),
    ]),
  )
  const times = new Map<string, number>()
  let at = startTime
  for (const [i, id] of samples.entries()) {
    at += timeDeltas[i] as number
    const name = names.get(id)
    if (name !== undefined && at >= from)
      times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] as number))
  }
  return times
}

const ROOT = `${new URL('..', import.meta.url)}`
const placeOf = (url: string): string => url.replace(ROOT, '').replace(/^.*node_modules\//, '')
const functionOf = ({ functionName, url, lineNumber }: Frame): string =>
  `${functionName || '(anonymous)'}${url === '' ? '' : `  ${placeOf(url)}:${lineNumber + 1}`}`
/** A package, a folder of ours, or what V8 and Node name themselves. */
const moduleOf = ({ functionName, url }: Frame): string =>
  url === ''
    ? functionName.startsWith('(')
      ? functionName
      : 'native code'
    : (/^(?:src\/[^/]+|node:[^/]+\/?[^/]*|@[^/]+\/[^/]+|[^/]+)/.exec(placeOf(url))?.[0] ?? url)

const show = (title: string, times: Map<string, number>): void => {
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  console.log(`\n${title}`)
  for (const [name, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, TOP))
    console.log(`${((100 * time) / total).toFixed(1).padStart(6)} %  ${name}`)
}

const program = {
  name: 'npm run profile',
  forms: ['[SCENARIO] [SECONDS]'],
  about: `Shows where the service's time goes under a load, by V8's sampling profiler: docs/performance.md. SCENARIO is one of ${scenarioNames.join(', ')}; without it one. SECONDS is 10 without it.`,
  options: {},
  operands: [0, 2],
  examples: [['list 5', 'profiles lists for five seconds']],
} as const

await runProgram(program, async ({ operands: [asked = 'one', seconds = '10'] }) => {
  const name = scenarioNames.find((other) => other === asked)
  if (name === undefined) throw new UsageError('SCENARIO is not one of those that there are')
  if (!(Number(seconds) > 0)) throw new UsageError('SECONDS is not a number above 0')
  const taken = await profile(name, Number(seconds))
  console.log(
    `${name}: ${Math.round(taken.perSecond)} requests/s under the profiler; shares of the time that the process was busy`,
  )
  show('Functions by self time', selfTimes(taken, functionOf))
  show('The same by module', selfTimes(taken, moduleOf))
})
