// The service on a file, against an earlier version of itself.
import { buildRelease, isInHistory } from '../../scripts/support/release.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { furnish, type World } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { inTurns, type Measured, measure } from '../measure.ts'
import { median, spread, whole } from '../report/numbers.ts'
import { allAnswered, atLeast, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { type Scenario, type ScenarioName, scenariosFor } from '../scenarios.ts'
import { ROOT, type Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

/** What every version has answered. The first one is measured once before, to warm up. */
const NAMES: readonly ScenarioName[] = ['one', 'list', 'filtered', 'create', 'patch', 'refresh']
const HELD: readonly ScenarioName[] = ['one', 'list', 'create', 'patch']
/** Of the requests of the earlier version. */
const LEAST = 0.97

type Sides = { readonly now: Measured; readonly before: Measured }
type Row = { readonly scenario: Scenario; readonly rounds: readonly Sides[] }
type Running = { readonly server: Server; readonly world: World }

/** Each version has a database of its own, with the same tasks. */
export const measureAgainst = async (effort: Effort, commit: string): Promise<Section> => {
  if (!(await isInHistory(commit)))
    throw new Refusal(`the commit ${commit} is not in the history here`)
  return undoing(async (later) => {
    const folder = temporaryFolder(later)
    await buildRelease(commit, folder)
    const run = async (root: string): Promise<Running> => {
      const server = await startService({ dataDir: temporaryFolder(later), root })
      later(server.stop)
      return { server, world: await furnish(server.url, { recurs: false }) }
    }
    const [now, before] = [await run(ROOT), await run(folder)]
    const [ours, theirs] = await Promise.all([scenariosFor(now.world), scenariosFor(before.world)])
    const rows: Row[] = []
    for (const name of NAMES) {
      const scenario = ours.find((other) => other.name === name) as Scenario
      const same = theirs.find((other) => other.name === name) as Scenario
      const { seconds } = effort
      const sides = {
        now: () => measure({ ...now, scenario, seconds }),
        before: () => measure({ ...before, scenario: same, seconds }),
      }
      for (const warmUp of Object.values(sides)) await warmUp()
      rows.push({ scenario, rounds: await inTurns(effort.rounds, sides) })
    }
    return sectionOf(commit, rows)
  })
}

const rate = ({ now, before }: Sides): number => now.perSecond / before.perSecond

const sectionOf = (commit: string, rows: readonly Row[]): Section => ({
  name: 'against',
  text: tableOf(
    [
      '',
      'now, requests/s',
      `${commit}, requests/s`,
      'ratio (least–most)',
      'now, CPU µs',
      `${commit}, CPU µs`,
      'RSS, MB',
    ],
    rows.map(({ scenario: { title }, rounds }) => [
      title,
      whole(median(rounds.map(({ now }) => now.perSecond))),
      whole(median(rounds.map(({ before }) => before.perSecond))),
      spread(rounds.map(rate)),
      whole(median(rounds.map(({ now }) => now.cpuMicros))),
      whole(median(rounds.map(({ before }) => before.cpuMicros))),
      `${whole(Math.max(...rounds.map(({ now }) => now.rss)))}, ${whole(Math.max(...rounds.map(({ before }) => before.rss)))}`,
    ]),
  ),
  verdicts: [
    ...rows
      .filter(({ scenario }) => HELD.includes(scenario.name))
      .map(({ scenario: { title }, rounds }) =>
        atLeast(`${title}, of ${commit}`, median(rounds.map(rate)), LEAST),
      ),
    allAnswered(rows.flatMap(({ rounds }) => rounds.flatMap(({ now, before }) => [now, before]))),
  ],
})
