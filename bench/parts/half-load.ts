// How long a request takes at half the load that the service can bear, timed from when each should have been sent.
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { type Measured, measure } from '../measure.ts'
import { fixed, median, spread, whole } from '../report/numbers.ts'
import { allAnswered, atLeast, atMost, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { type Scenario, type ScenarioName, scenariosFor } from '../scenarios.ts'
import { startService } from '../servers/service.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

const NAMES: readonly ScenarioName[] = ['one', 'mixed']
const MOST = 5
/** A service that does not keep up has the same latency at all its percentiles: then the ratio says nothing. */
const KEPT = 0.95

type Half = { readonly scenario: Scenario; readonly saturating: number; readonly rounds: readonly Measured[] }

export const measureHalfLoad = ({ rounds, seconds }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const server = await startService({ dataDir: temporaryFolder(later) })
    later(server.stop)
    const world = await furnish(server.url)
    const halves: Half[] = []
    for (const scenario of (await scenariosFor(world)).filter(({ name }) => NAMES.includes(name))) {
      await measure({ server, world, scenario, seconds })
      const { perSecond: saturating } = await measure({ server, world, scenario, seconds })
      const done: Measured[] = []
      for (let round = 0; round < rounds; round++)
        done.push(await measure({ server, world, scenario, seconds: 2 * seconds, rate: saturating / 2 }))
      halves.push({ scenario, saturating, rounds: done })
    }
    return sectionOf(halves)
  })

const sectionOf = (halves: readonly Half[]): Section => ({
  name: 'half-load',
  text: tableOf(
    ['', 'most, requests/s', 'answered at half of it', 'p50, ms', 'p99, ms', 'p99 : p50 (least–most)'],
    halves.map(({ scenario, saturating, rounds }) => [
      scenario.title,
      whole(saturating),
      whole(median(rounds.map(perSecond))),
      fixed(median(rounds.map(({ p50 }) => p50))),
      fixed(median(rounds.map(({ p99 }) => p99))),
      spread(rounds.map(tail)),
    ]),
  ),
  verdicts: [
    ...halves.flatMap(({ scenario, saturating, rounds }) => [
      atMost(`${scenario.title}, p99 : p50 at half the load`, median(rounds.map(tail)), MOST),
      atLeast(`${scenario.title}, answered of what was sent a second`, (2 * median(rounds.map(perSecond))) / saturating, KEPT),
    ]),
    allAnswered(halves.flatMap(({ rounds }) => rounds)),
  ],
})

const perSecond = (load: Measured): number => load.perSecond
const tail = ({ p50, p99 }: Measured): number => p99 / p50
