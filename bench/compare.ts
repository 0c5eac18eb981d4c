// The service and a bare app, in turns, in each scenario.
import type { World } from './data/world.ts'
import type { Effort } from './effort.ts'
import { inTurns, measure } from './measure.ts'
import type { Pair } from './report/pairs.ts'
import {
  type Answers,
  captureAnswers,
  type Scenario,
  type ScenarioName,
  scenariosFor,
} from './scenarios.ts'
import type { Server } from './servers/process.ts'

export type Row = { readonly scenario: Scenario; readonly pairs: readonly Pair[] }

type Compared = {
  readonly service: Server
  readonly world: World
  /** The scenarios that are measured; all, unless named. */
  readonly names?: readonly ScenarioName[]
  startBare(answers: Answers): Promise<Server>
}

/** Starts the bare app with what the service answers, and measures both. */
export const compare = async (
  { service, world, names, startBare }: Compared,
  { rounds, seconds }: Effort,
): Promise<Row[]> => {
  const all = await scenariosFor(world)
  const bare = await startBare(await captureAnswers(world, all))
  try {
    const mixed = all.filter(({ name }) => name === 'mixed')
    for (const scenario of mixed)
      for (const server of [service, bare])
        await measure({ server, world, scenario, seconds: 2 * seconds })
    const rows: Row[] = []
    for (const scenario of all.filter(({ name }) => names?.includes(name) ?? true)) {
      const sideOf = (server: Server) => () => measure({ server, world, scenario, seconds })
      rows.push({
        scenario,
        pairs: await inTurns(rounds, { service: sideOf(service), bare: sideOf(bare) }),
      })
    }
    return rows
  } finally {
    await bare.stop()
  }
}
