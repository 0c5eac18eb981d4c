// Two processes instead of one: what each request costs, and how many there are.
import { furnish, type World } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { inTurns, type Measured, measure } from '../measure.ts'
import { median, spread, whole } from '../report/numbers.ts'
import { allAnswered, atLeast, type Section, type Verdict } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { type Scenario, type ScenarioName, scenariosFor } from '../scenarios.ts'
import { emptyPostgres } from '../servers/databases.ts'
import type { Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { type Later, temporaryFolder, undoing } from '../temporary.ts'

/** The mixture first: it warms up. */
const NAMES: readonly ScenarioName[] = ['mixed', 'one', 'list', 'create']
/**
 * Of a file. Its writers wait for each other, so creates alone are shown; Postgres takes more of
 * the two cores than the service does, so all of it is.
 */
const HELD: readonly ScenarioName[] = ['one', 'list', 'mixed']
/** Of one worker's requests per CPU second. */
const LEAST_PER_CPU = 0.9

type Sides = { readonly one: Measured; readonly two: Measured }
type Row = { readonly title: string; readonly held: boolean; readonly rounds: readonly Sides[] }
type Running = {
  readonly server: Server
  readonly world: World
  readonly scenarios: readonly Scenario[]
}

export const measureWorkers = async (effort: Effort): Promise<Section> => {
  const file = await rowsOf(effort, (later) => ({ dataDir: temporaryFolder(later) }))
  const postgres = await rowsOf(effort, async (later) => ({
    databaseUrl: await emptyPostgres(later),
  }))
  return sectionOf([
    ...file.map(({ scenario: { name, title }, rounds }) => ({
      title,
      held: HELD.includes(name),
      rounds,
    })),
    ...postgres.map(({ scenario: { title }, rounds }) => ({
      title: `Postgres, ${title}`,
      held: false,
      rounds,
    })),
  ])
}

type Place = { readonly dataDir: string } | { readonly databaseUrl: string }

/** Each service has a place of its own. */
const rowsOf = ({ rounds, seconds }: Effort, place: (later: Later) => Place | Promise<Place>) =>
  undoing(async (later) => {
    const run = async (workers: string): Promise<Running> => {
      const server = await startService({ ...(await place(later)), env: { WORKERS: workers } })
      later(server.stop)
      const world = await furnish(server.url)
      return { server, world, scenarios: await scenariosFor(world) }
    }
    const [one, two] = [await run('1'), await run('2')]
    const rows: { scenario: Scenario; rounds: Sides[] }[] = []
    for (const name of NAMES) {
      const side = ({ server, world, scenarios }: Running) => {
        const scenario = scenarios.find((other) => other.name === name) as Scenario
        return { scenario, run: () => measure({ server, world, scenario, seconds }) }
      }
      const [a, b] = [side(one), side(two)]
      if (name === 'mixed') for (const warmUp of [a, b]) await warmUp.run()
      rows.push({ scenario: a.scenario, rounds: await inTurns(rounds, { one: a.run, two: b.run }) })
    }
    return rows
  })

const rate = ({ one, two }: Sides): number => two.perSecond / one.perSecond
const perCpu = ({ one, two }: Sides): number => one.cpuMicros / two.cpuMicros

const sectionOf = (rows: readonly Row[]): Section => {
  const held = rows.filter(({ held }) => held)
  return {
    name: 'workers',
    text: tableOf(
      [
        '',
        'one, requests/s',
        'two, requests/s',
        'two : one (least–most)',
        'one, CPU µs',
        'two, CPU µs',
        'per CPU second, two : one',
        'RSS, MB',
      ],
      rows.map(({ title, rounds }) => [
        title,
        whole(median(rounds.map(({ one }) => one.perSecond))),
        whole(median(rounds.map(({ two }) => two.perSecond))),
        spread(rounds.map(rate)),
        whole(median(rounds.map(({ one }) => one.cpuMicros))),
        whole(median(rounds.map(({ two }) => two.cpuMicros))),
        spread(rounds.map(perCpu)),
        `${whole(Math.max(...rounds.map(({ one }) => one.rss)))}, ${whole(Math.max(...rounds.map(({ two }) => two.rss)))}`,
      ]),
    ),
    verdicts: [
      ...held.flatMap(({ title, rounds }): Verdict[] => [
        atLeast(
          `${title}, requests per CPU second, two processes : one`,
          median(rounds.map(perCpu)),
          LEAST_PER_CPU,
        ),
        moreThanOne(title, median(rounds.map(rate))),
      ]),
      allAnswered(rows.flatMap(({ rounds }) => rounds.flatMap(({ one, two }) => [one, two]))),
    ],
  }
}

const moreThanOne = (title: string, ratio: number): Verdict => ({
  speed: true,
  passed: ratio > 1,
  text: `${title}, requests per second, two processes : one: ${ratio.toFixed(2)}, more than 1`,
})
