// The service on each database, against the same bare app; and on Postgres against a bare app that
// reads the same row.
import { compare, type Row } from '../compare.ts'
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { inTurns, measure } from '../measure.ts'
import { type Pair, pairCells, pairHead, ratioOf } from '../report/pairs.ts'
import { allAnswered, atLeast, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import type { ScenarioName } from '../scenarios.ts'
import { startBare, startBarePostgres } from '../servers/bare.ts'
import { databases } from '../servers/databases.ts'
import { startService } from '../servers/service.ts'
import { undoing } from '../temporary.ts'
import { taskStatement } from './task-statement.ts'

const NAMES: readonly ScenarioName[] = ['one', 'list', 'create', 'patch']
const LEAST_OF_SAME_QUERY = 0.7

type Done = {
  readonly database: string
  readonly rows: readonly Row[]
  readonly sameQuery?: readonly Pair[]
}
type Name = keyof typeof databases

export const measureDatabases = async (effort: Effort): Promise<Section> => {
  const done: Done[] = []
  const absent: string[] = []
  for (const name of Object.keys(databases) as Name[]) {
    const result = await measureOne(name, effort)
    if (typeof result === 'string') absent.push(result)
    else done.push(result)
  }
  return sectionOf(done, absent)
}

/** Answers why it could not be measured, where it could not. */
const measureOne = (database: Name, effort: Effort): Promise<Done | string> =>
  undoing(async (later) => {
    const url = await databases[database](later)
    if (typeof url !== 'string') return url.absent
    const service = await startService({ databaseUrl: url })
    later(service.stop)
    const world = await furnish(service.url)
    const rows = await compare({ service, world, names: NAMES, startBare }, effort)
    if (database !== 'Postgres') return { database, rows }
    const bare = await startBarePostgres(await taskStatement(url, world))
    later(bare.stop)
    const { scenario: one } = rows[0] as Row
    // The bare app knows one person; the service would not show their tasks to another.
    const scenario = { ...one, asks: one.asks.filter(({ by }) => by === 0) }
    const side = (server: typeof service) => () =>
      measure({ server, world, scenario, seconds: effort.seconds })
    await inTurns(1, { service: side(service), bare: side(bare) })
    return {
      database,
      rows,
      sameQuery: await inTurns(effort.rounds, { service: side(service), bare: side(bare) }),
    }
  })

const sectionOf = (done: readonly Done[], absent: readonly string[]): Section => {
  const same = done.flatMap(({ sameQuery }) => (sameQuery ? [sameQuery] : []))
  const rows = done.flatMap(({ database, rows }) =>
    rows.map(({ scenario, pairs }) => [`${database}, ${scenario.title}`, ...pairCells(pairs)]),
  )
  const sameRows = same.map((pairs) => [
    'Postgres, one task, bare with the same query',
    ...pairCells(pairs),
  ])
  const pairs = [...done.flatMap(({ rows }) => rows.flatMap(({ pairs }) => pairs)), ...same.flat()]
  return {
    name: 'databases',
    text: tableOf(['', ...pairHead], [...rows, ...sameRows]),
    verdicts: [
      ...same.map((pairs) =>
        atLeast(
          'Postgres, one task, of a bare app with the same query',
          ratioOf(pairs),
          LEAST_OF_SAME_QUERY,
        ),
      ),
      allAnswered(pairs.flatMap(({ service, bare }) => [service, bare])),
    ],
    absent,
  }
}
