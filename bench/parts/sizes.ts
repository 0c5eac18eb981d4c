// Does it take longer where there is more in the file?
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { send } from '../data/http.ts'
import { type World, worldAt } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { inTurns, type Measured, measure } from '../measure.ts'
import { fixed, median, spread, whole } from '../report/numbers.ts'
import { plot } from '../report/plot.ts'
import { allAnswered, atMost, type Section, type Verdict } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { seed } from '../seed.ts'
import { ROOT, type Server } from '../servers/process.ts'
import { startService } from '../servers/service.ts'
import { type Later, temporaryFolder, undoing } from '../temporary.ts'
import { type Sized, sizedScenarios } from './sized-scenarios.ts'

const PLOT = 'docs/latency.svg'
const MOST_GROWTH = 1.2
/** Every file has somebody with as many; the largest one has, besides, somebody with a tenth of all its tasks. */
const USUAL_TASKS = 1_000

type Owner = { readonly name: string; readonly title: string; readonly server: Server; readonly world: World; readonly scenarios: Sized[] }
type Row = { readonly scenario: Sized; readonly rounds: readonly Record<string, Measured>[] }

export const measureSizes = ({ sizes, rounds, seconds, quick }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const owners: Owner[] = []
    for (const size of sizes) owners.push(...(await open(later, size, size === sizes.at(-1))))
    const rows: Row[] = []
    for (const [index, scenario] of (owners[0] as Owner).scenarios.entries()) {
      const sidesOf = (time: number) =>
        Object.fromEntries(
          owners.map(({ name, server, world, scenarios }) => [
            name,
            () => measure({ server, world, scenario: scenarios[index] as Sized, seconds: time }),
          ]),
        )
      await inTurns(1, sidesOf(1)) // the first time, pages come from the disk
      rows.push({ scenario, rounds: await inTurns(rounds, sidesOf(seconds)) })
    }
    if (!quick) writeFileSync(join(ROOT, PLOT), plotOf(rows, owners, sizes))
    return sectionOf(rows, owners)
  })

const open = async (later: Later, { tasks, users }: { tasks: number; users: number }, largest: boolean): Promise<Owner[]> => {
  const dataDir = temporaryFolder(later)
  const many = tasks / 10
  const people: Record<string, number> = largest ? { ada: USUAL_TASKS, grace: many } : { ada: USUAL_TASKS }
  const named = Object.values(people).reduce((sum, count) => sum + count, 0)
  console.error(`a file with ${whole(tasks)} tasks of ${whole(users)} users`)
  await seed(join(dataDir, 'taskport.db'), { people, others: tasks - named, users: users - Object.keys(people).length })
  const server = await startService({ dataDir })
  later(server.stop)
  return Promise.all(
    Object.entries(people).map(async ([person, count]) => {
      const world = worldAt(server.url, [person])
      const [token] = (await world.tokens()) as [string]
      const title = `${whole(tasks)}${person === 'ada' ? '' : `, of a user with ${whole(count)}`}`
      const scenarios = await sizedScenarios((path) => send(server.url, { method: 'GET', path }, token))
      return { name: `${person} ${tasks}`, title, server, world, scenarios }
    }),
  )
}

const medianOf = ({ rounds }: Row, { name }: Owner, pick: (load: Measured) => number): number =>
  median(rounds.map((round) => pick(round[name] as Measured)))
const growths = ({ rounds }: Row, { name }: Owner, small: Owner): number[] =>
  rounds.map((round) => (round[small.name] as Measured).perSecond / (round[name] as Measured).perSecond)

const sectionOf = (rows: readonly Row[], owners: readonly Owner[]): Section => {
  const [small] = owners as [Owner]
  const large = owners.slice(owners.length - 2)
  const latencies = tableOf(
    ['p50, ms', ...owners.map(({ title }) => title)],
    rows.map((row) => [row.scenario.title, ...owners.map((owner) => fixed(medianOf(row, owner, ({ p50 }) => p50)))]),
  )
  const growth = tableOf(
    ['time, as a ratio (least–most)', ...large.map(({ title }) => `${title} : ${small.title}`)],
    rows.map((row) => [row.scenario.title, ...large.map((owner) => spread(growths(row, owner, small)))]),
  )
  const verdicts = rows
    .filter(({ scenario: { held } }) => held)
    .flatMap((row): Verdict[] =>
      large.map((owner) =>
        atMost(`${row.scenario.title}, ${owner.title} : ${small.title}`, median(growths(row, owner, small)), MOST_GROWTH),
      ),
    )
  const loads = rows.flatMap(({ rounds }) => rounds.flatMap((round) => Object.values(round)))
  return {
    name: 'sizes',
    text: [latencies, growth, '![Latency against the number of tasks](latency.svg)'].join('\n\n'),
    verdicts: [...verdicts, allAnswered(loads)],
  }
}

const plotOf = (rows: readonly Row[], owners: readonly Owner[], sizes: Effort['sizes']): string =>
  plot({
    title: 'p50, by the number of tasks in the file',
    x: { title: 'tasks', values: sizes.map(({ tasks }) => tasks) },
    y: { title: 'ms, 32 requests at once' },
    lines: rows.map((row) => ({
      title: row.scenario.title,
      values: sizes.map((_, i) => medianOf(row, owners[i] as Owner, ({ p50 }) => p50)),
    })),
  })
