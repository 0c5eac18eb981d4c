// How long a request takes at half the load that the service can bear, timed from when each should have been sent. A bare app gets the same load.
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { CONNECTIONS } from '../load/load.ts'
import { inTurns, measure } from '../measure.ts'
import { fixed, median, spread, whole } from '../report/numbers.ts'
import type { Pair } from '../report/pairs.ts'
import { allAnswered, atLeast, atMost, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { captureAnswers, type Scenario, type ScenarioName, scenariosFor } from '../scenarios.ts'
import { startBare } from '../servers/bare.ts'
import type { Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

const NAMES: readonly ScenarioName[] = ['one', 'mixed']
const MOST = 5
/** A service that does not keep up has the same latency at all its percentiles: then the ratio says nothing. */
const KEPT = 0.95

type Half = { readonly scenario: Scenario; readonly saturating: number; readonly rounds: readonly Pair[] }

export const measureHalfLoad = ({ rounds, seconds }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const service = await startService({ dataDir: temporaryFolder(later) })
    later(service.stop)
    const world = await furnish(service.url)
    const all = await scenariosFor(world)
    const bare = await startBare(await captureAnswers(world, all))
    later(bare.stop)
    const halves: Half[] = []
    for (const scenario of all.filter(({ name }) => NAMES.includes(name))) {
      const most = () => measure({ server: service, world, scenario, seconds })
      await most()
      const { perSecond: saturating } = await most()
      const half = (server: Server) => () => measure({ server, world, scenario, seconds: 2 * seconds, rate: saturating / 2 })
      halves.push({ scenario, saturating, rounds: await inTurns(rounds, { service: half(service), bare: half(bare) }) })
    }
    return { ...sectionOf(halves), load: `our own generator, ${CONNECTIONS} connections, ${rounds} rounds of ${2 * seconds} s` }
  })

const sectionOf = (halves: readonly Half[]): Section => ({
  name: 'half-load',
  text: tableOf(
    [
      '',
      'most, requests/s',
      'answered at half of it',
      'p50, ms',
      'p99, ms',
      'p99 : p50 (least–most)',
      'bare p50, ms',
      'bare p99, ms',
      "generator's CPU, µs",
    ],
    halves.map(({ scenario, saturating, rounds }) => [
      scenario.title,
      whole(saturating),
      whole(middle(rounds, ({ service }) => service.perSecond)),
      fixed(middle(rounds, ({ service }) => service.p50)),
      fixed(middle(rounds, ({ service }) => service.p99)),
      spread(rounds.map(tail)),
      fixed(middle(rounds, ({ bare }) => bare.p50)),
      fixed(middle(rounds, ({ bare }) => bare.p99)),
      whole(middle(rounds, ({ service }) => service.generatorMicros)),
    ]),
  ),
  verdicts: [
    ...halves.flatMap(({ scenario, saturating, rounds }) => [
      atMost(`${scenario.title}, p99 : p50 at half the load`, median(rounds.map(tail)), MOST),
      atLeast(
        `${scenario.title}, answered of what was sent a second`,
        (2 * middle(rounds, ({ service }) => service.perSecond)) / saturating,
        KEPT,
      ),
    ]),
    allAnswered(halves.flatMap(({ rounds }) => rounds.flatMap(({ service, bare }) => [service, bare]))),
  ],
})

const middle = (rounds: readonly Pair[], pick: (pair: Pair) => number): number => median(rounds.map(pick))
const tail = ({ service: { p50, p99 } }: Pair): number => p99 / p50
