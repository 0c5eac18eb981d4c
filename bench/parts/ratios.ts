// The service on a file, against a bare app that answers the same bytes.
import { compare, type Row } from '../compare.ts'
import { furnish, PEOPLE, worldAt } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { type Load, load } from '../load/load.ts'
import { median, spread, whole } from '../report/numbers.ts'
import { pairCells, pairHead, ratioOf } from '../report/pairs.ts'
import { allAnswered, atLeast, atMost, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import type { ScenarioName } from '../scenarios.ts'
import { startBare, startFixed } from '../servers/bare.ts'
import { startService } from '../servers/service.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

const FLOORS: Partial<Record<ScenarioName, number>> = {
  one: 0.42,
  list: 0.22,
  create: 0.22,
  patch: 0.2,
}
const MOST_READY_MS = 250

export const measureRatios = (effort: Effort): Promise<Section> =>
  undoing(async (later) => {
    const dataDir = temporaryFolder(later)
    const first = await startService({ dataDir })
    await furnish(first.url).finally(first.stop)
    const ready = await timeStarts(dataDir, effort.starts)
    const service = await startService({ dataDir })
    later(service.stop)
    const rows = await compare({ service, world: worldAt(service.url, PEOPLE), startBare }, effort)
    return sectionOf(rows, ready, await mostThatCanBeAsked(effort))
  })

/**
 * From the start of the process to its answer from /ready, on a database that exists, in
 * milliseconds.
 */
const timeStarts = async (dataDir: string, count: number): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const { readyMs, stop } = await startService({ dataDir })
    times.push(readyMs)
    await stop()
  }
  return times
}

const mostThatCanBeAsked = async ({ seconds }: Effort): Promise<Load> => {
  const { url, stop } = await startFixed()
  return load({ url, asks: [{ method: 'GET', path: '/health' }], tokens: [], seconds }).finally(
    stop,
  )
}

const sectionOf = (rows: readonly Row[], ready: readonly number[], most: Load): Section => {
  const table = tableOf(
    ['', ...pairHead],
    rows.map(({ scenario, pairs }) => [scenario.title, ...pairCells(pairs)]),
  )
  const fastest = Math.max(...rows.flatMap(({ pairs }) => pairs.map(({ bare }) => bare.perSecond)))
  const generator = `The load generator asks ${whole(most.perSecond)} requests/s of a socket that answers without reading, and takes ${most.generatorMicros.toFixed(1)} µs of CPU for each: a core of its own would be enough for ${whole(1e6 / most.generatorMicros)}. The fastest bare app here answered ${whole(fastest)}.`
  const starts = `Start to the first answer: ${spread(ready, whole)} ms, ${ready.length} starts.`
  const floors = rows.flatMap(({ scenario: { name, title }, pairs }) => {
    const floor = FLOORS[name]
    return floor === undefined ? [] : [atLeast(`${title}, of bare`, ratioOf(pairs), floor)]
  })
  const answered = allAnswered(
    rows.flatMap(({ pairs }) => pairs.flatMap(({ service, bare }) => [service, bare])),
  )
  return {
    name: 'ratios',
    text: [table, generator, starts].join('\n\n'),
    verdicts: [
      ...floors,
      atMost('start to the first answer', median(ready), MOST_READY_MS, ' ms'),
      answered,
    ],
  }
}
