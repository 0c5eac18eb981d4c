// How long a request takes at half the load that the service can bear, timed from when each should
// have been sent; and the same of a bare app.
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { CONNECTIONS } from '../load/load.ts'
import { inTurns, type Measured, measure } from '../measure.ts'
import { fixed, median, spread, whole } from '../report/numbers.ts'
import type { Pair } from '../report/pairs.ts'
import { allAnswered, atLeast, atMost, type Section, type Verdict } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { captureAnswers, type Scenario, type ScenarioName, scenariosFor } from '../scenarios.ts'
import { startBare } from '../servers/bare.ts'
import type { Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

const NAMES: readonly ScenarioName[] = ['one', 'mixed']
/**
 * Of the median, or as much as the bare app's: where the machine itself stops for milliseconds,
 * that is more, and counts up to the second.
 */
const MOST = 5
const MOST_ANYWHERE = 2 * MOST
/**
 * A service that does not keep up has the same latency at all its percentiles: then the ratio says
 * nothing.
 */
const KEPT = 0.95

type Half = {
  readonly scenario: Scenario
  readonly saturating: Readonly<Record<keyof Pair, number>>
  readonly rounds: readonly Pair[]
}

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
      const most = async (server: Server) => {
        const full = () => measure({ server, world, scenario, seconds })
        await full()
        return (await full()).perSecond
      }
      const saturating = { service: await most(service), bare: await most(bare) }
      const half = (server: Server, full: number) => () =>
        measure({ server, world, scenario, seconds: 2 * seconds, rate: full / 2 })
      const sides = {
        service: half(service, saturating.service),
        bare: half(bare, saturating.bare),
      }
      halves.push({ scenario, saturating, rounds: await inTurns(rounds, sides) })
    }
    return {
      ...sectionOf(halves),
      load: `our own generator, ${CONNECTIONS} connections, ${rounds} rounds of ${2 * seconds} s`,
    }
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
      "generator's CPU, µs",
    ],
    halves.flatMap(({ scenario: { title }, saturating, rounds }) => [
      rowOf(title, saturating.service, sideOf(rounds, 'service')),
      rowOf(`bare, ${title}`, saturating.bare, sideOf(rounds, 'bare')),
    ]),
  ),
  verdicts: [
    ...halves.flatMap(({ scenario: { title }, saturating, rounds }) => [
      tailOf(
        title,
        median(sideOf(rounds, 'service').map(tail)),
        median(sideOf(rounds, 'bare').map(tail)),
      ),
      keptOf(title, saturating.service, sideOf(rounds, 'service')),
      keptOf(`bare, ${title}`, saturating.bare, sideOf(rounds, 'bare')),
    ]),
    allAnswered(
      halves.flatMap(({ rounds }) => rounds.flatMap(({ service, bare }) => [service, bare])),
    ),
  ],
})

const tailOf = (title: string, service: number, bare: number): Verdict =>
  bare > MOST
    ? atMost(
        `${title}, p99 : p50 at half the load, where even the bare app has more than ${MOST}`,
        service,
        Math.min(MOST_ANYWHERE, Number(bare.toFixed(2))),
      )
    : atMost(`${title}, p99 : p50 at half the load`, service, MOST)

const keptOf = (title: string, saturating: number, rounds: readonly Measured[]): Verdict =>
  atLeast(
    `${title}, answered of what was sent a second`,
    (2 * middle(rounds, ({ perSecond }) => perSecond)) / saturating,
    KEPT,
  )

const rowOf = (title: string, saturating: number, rounds: readonly Measured[]): string[] => [
  title,
  whole(saturating),
  whole(middle(rounds, ({ perSecond }) => perSecond)),
  fixed(middle(rounds, ({ p50 }) => p50)),
  fixed(middle(rounds, ({ p99 }) => p99)),
  spread(rounds.map(tail)),
  whole(middle(rounds, ({ generatorMicros }) => generatorMicros)),
]

const sideOf = (rounds: readonly Pair[], side: keyof Pair): Measured[] =>
  rounds.map((pair) => pair[side])
const middle = (rounds: readonly Measured[], pick: (round: Measured) => number): number =>
  median(rounds.map(pick))
const tail = ({ p50, p99 }: Measured): number => p99 / p50
