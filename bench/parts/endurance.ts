// A million requests, four reads to one write: does memory grow?
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { type Measured, measure } from '../measure.ts'
import { median, whole } from '../report/numbers.ts'
import { allAnswered, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { scenariosFor } from '../scenarios.ts'
import { startService } from '../servers/service.ts'
import { watchMemory } from '../servers/usage.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

/** The first of them warms up; the last is compared with the second. */
const TENTHS = 10
const TOLERANCE = 0.05

type Tenth = {
  readonly requests: number
  readonly perSecond: number
  readonly rss: readonly number[]
}

export const measureEndurance = ({ requests, seconds }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const server = await startService({ dataDir: temporaryFolder(later) })
    later(server.stop)
    const world = await furnish(server.url)
    const scenario = (await scenariosFor(world)).find(({ name }) => name === 'mixed')
    if (!scenario) throw new Error('there is no mixture of requests')
    const loads: Measured[] = []
    const tenths: Tenth[] = []
    for (let tenth = 1; tenth <= TENTHS; tenth++) {
      const rss: number[] = []
      const watch = watchMemory(server.pid, (now) => rss.push(now))
      const of: Measured[] = []
      while (sum([...loads, ...of]) < (requests * tenth) / TENTHS)
        of.push(await measure({ server, world, scenario, seconds }))
      watch.stop()
      loads.push(...of)
      tenths.push({
        requests: sum(loads),
        perSecond: median(of.map(({ perSecond }) => perSecond)),
        rss,
      })
      console.error(`${whole(sum(loads))} requests, ${whole(median(rss))} MB`)
    }
    return sectionOf(tenths, loads)
  })

const sum = (loads: readonly Measured[]): number =>
  loads.reduce((total, load) => total + load.requests, 0)

const sectionOf = (tenths: readonly Tenth[], loads: readonly Measured[]): Section => {
  const table = tableOf(
    ['after requests', 'requests/s', 'RSS, MB', 'most'],
    tenths.map(({ requests, perSecond, rss }) => [
      whole(requests),
      whole(perSecond),
      whole(median(rss)),
      whole(Math.max(...rss)),
    ]),
  )
  const [warm, last] = [median(tenths[1]?.rss ?? []), median(tenths.at(-1)?.rss ?? [])]
  const growth = last / warm - 1
  const passed = Math.abs(growth) <= TOLERANCE
  const text = `resident memory: ${(growth * 100).toFixed(1)} % more in the last tenth than in the second (${whole(warm)} and ${whole(last)} MB), within ${TOLERANCE * 100} %`
  return {
    name: 'endurance',
    text: table,
    verdicts: [{ speed: true, passed, text }, allAnswered(loads)],
  }
}
