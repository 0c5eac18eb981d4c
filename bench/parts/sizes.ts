// Does it take longer where there is more in the file?
import { join } from 'node:path'
import { type World, worldAt } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { CONNECTIONS } from '../load/load.ts'
import { inTurns, type Measured, measure } from '../measure.ts'
import { fixed, median, spread, whole } from '../report/numbers.ts'
import { allAnswered, atMost, type Section, type Verdict } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { seed } from '../seed.ts'
import type { Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { type Later, temporaryFolder, undoing } from '../temporary.ts'
import { type Sized, sizedScenarios } from './sized-scenarios.ts'

const MOST_GROWTH = 1.2
const USUAL_TASKS = 1_000
/** Seconds of each load, at most: there are six times as many as elsewhere. */
const MOST_SECONDS = 2

/** Whose tasks are asked for: of one person or of several in turn, who have `each` as many. */
type Asked = {
  readonly name: string
  readonly title: string
  readonly people: readonly string[]
  readonly each: number
  /**
   * May it not take longer than in the smallest file? With many in turn it does: their rows are not
   * in the processor's caches.
   */
  readonly held: boolean
}
type Owner = Asked & {
  readonly largest: boolean
  readonly server: Server
  readonly world: World
  readonly scenarios: readonly Sized[]
}
type Row = { readonly scenario: Sized; readonly rounds: readonly Record<string, Measured>[] }

export const measureSizes = ({ sizes, rounds, seconds }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const owners: Owner[] = []
    const time = Math.min(seconds, MOST_SECONDS)
    for (const size of sizes) owners.push(...(await open(later, size, size === sizes.at(-1))))
    const rows: Row[] = []
    for (const [index, scenario] of (owners[0] as Owner).scenarios.entries()) {
      const sidesOf = (seconds: number) =>
        Object.fromEntries(
          owners.map(({ name, server, world, scenarios }) => [
            name,
            () => measure({ server, world, scenario: scenarios[index] as Sized, seconds }),
          ]),
        )
      await inTurns(1, sidesOf(1)) // the first time, pages come from the disk
      rows.push({ scenario, rounds: await inTurns(rounds, sidesOf(time)) })
    }
    return {
      ...sectionOf(rows, owners),
      load: `wrk, ${CONNECTIONS} connections, ${rounds} rounds of ${time} s`,
    }
  })

/**
 * Every file has somebody with a thousand tasks. In the largest one are besides: as many more of
 * these as have a tenth of the file together, and somebody who has a tenth of it alone.
 */
const askedIn = (tasks: number, largest: boolean): Asked[] => {
  const tenth = tasks / 10
  const one = {
    name: `one ${tasks}`,
    title: whole(tasks),
    people: ['ada'],
    each: USUAL_TASKS,
    held: true,
  }
  if (!largest) return [one]
  const people = Array.from({ length: tenth / USUAL_TASKS }, (_, i) => `member${i}`)
  return [
    one,
    {
      name: `many ${tasks}`,
      title: `${whole(tasks)}, ${people.length} users in turn`,
      people,
      each: USUAL_TASKS,
      held: false,
    },
    {
      name: `great ${tasks}`,
      title: `${whole(tasks)}, a user with ${whole(tenth)}`,
      people: ['grace'],
      each: tenth,
      held: true,
    },
  ]
}

const open = async (
  later: Later,
  { tasks, users }: Effort['sizes'][number],
  largest: boolean,
): Promise<Owner[]> => {
  const dataDir = temporaryFolder(later)
  const asked = askedIn(tasks, largest)
  const people = Object.fromEntries(
    asked.flatMap(({ people, each }) => people.map((name) => [name, each])),
  )
  const named = Object.values(people).reduce((sum, count) => sum + count, 0)
  console.error(`a file with ${whole(tasks)} tasks of ${whole(users)} users`)
  await seed(join(dataDir, 'taskport.db'), {
    people,
    others: tasks - named,
    users: users - Object.keys(people).length,
  })
  const server = await startService({ dataDir })
  later(server.stop)
  const owners: Owner[] = []
  for (const each of asked) {
    const world = worldAt(server.url, each.people)
    const scenarios = await sizedScenarios(world, each.each)
    owners.push({ ...each, largest, server, world, scenarios })
  }
  return owners
}

const medianOf = ({ rounds }: Row, { name }: Owner, pick: (load: Measured) => number): number =>
  median(rounds.map((round) => pick(round[name] as Measured)))
const growths = ({ rounds }: Row, { name }: Owner, small: Owner): number[] =>
  rounds.map(
    (round) => (round[small.name] as Measured).perSecond / (round[name] as Measured).perSecond,
  )

const sectionOf = (rows: readonly Row[], owners: readonly Owner[]): Section => {
  const [small] = owners as [Owner]
  const large = owners.filter(({ largest }) => largest)
  const latencies = tableOf(
    ['p50, ms', ...owners.map(({ title }) => title)],
    rows.map((row) => [
      row.scenario.title,
      ...owners.map((owner) => fixed(medianOf(row, owner, ({ p50 }) => p50))),
    ]),
  )
  const growth = tableOf(
    ['time, as a ratio (least–most)', ...large.map(({ title }) => `${title} : ${small.title}`)],
    rows.map((row) => [
      row.scenario.title,
      ...large.map((owner) => spread(growths(row, owner, small))),
    ]),
  )
  const verdicts = rows
    .filter(({ scenario: { held } }) => held)
    .flatMap((row): Verdict[] =>
      large
        .filter(({ held }) => held)
        .map((owner) =>
          atMost(
            `${row.scenario.title}, ${owner.title} : ${small.title}`,
            median(growths(row, owner, small)),
            MOST_GROWTH,
          ),
        ),
    )
  const loads = rows.flatMap(({ rounds }) => rounds.flatMap((round) => Object.values(round)))
  return {
    name: 'sizes',
    text: [latencies, growth].join('\n\n'),
    verdicts: [...verdicts, allAnswered(loads)],
  }
}
