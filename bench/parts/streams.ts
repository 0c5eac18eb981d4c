// Clients that follow by streams of events: what open streams cost the requests of others, and how
// soon they are told of a change.
import { login, register, send } from '../data/http.ts'
import { openStream, type Stream } from '../data/streams.ts'
import { furnish } from '../data/world.ts'
import type { Effort } from '../effort.ts'
import { type Measured, measure } from '../measure.ts'
import { fixed, median, whole } from '../report/numbers.ts'
import { allAnswered, atMost, type Section } from '../report/section.ts'
import { tableOf } from '../report/table.ts'
import { type Scenario, scenariosFor } from '../scenarios.ts'
import { startService } from '../servers/service.ts'
import { usageOf } from '../servers/usage.ts'
import { temporaryFolder, undoing } from '../temporary.ts'

/** As many as a user may have in one process. */
const OF_A_PERSON = 10
/** Megabytes that the most of them may take, and by what its p99 may grow. */
const [MOST_MB, MOST_RATIO] = [60, 2]
/** Milliseconds in which all streams of a person are told. */
const MOST_POKE_MS = 1000
/** Changes whose way is timed, one after the other. */
const POKES = 30

type Row = {
  readonly open: number
  readonly rounds: readonly Measured[]
  /** Resident memory before the requests, in MB. */
  readonly rss: number
  /** From a request that changes something to the last of its reader's streams, in milliseconds. */
  readonly pokes: readonly number[]
}
type Follower = { readonly token: string; readonly streams: Stream[] }

export const measureStreams = ({ rounds, seconds, streams }: Effort): Promise<Section> =>
  undoing(async (later) => {
    const service = await startService({
      dataDir: temporaryFolder(later),
      env: { CONNECTIONS_PER_ADDRESS: '5000' },
    })
    later(service.stop)
    const { url, pid } = service
    const world = await furnish(url)
    const scenario = (await scenariosFor(world)).find(({ name }) => name === 'one') as Scenario
    const ask = () => measure({ server: service, world, scenario, seconds })
    await ask()
    const followers: Follower[] = []
    later(() => {
      for (const follower of followers) for (const stream of follower.streams) stream.close()
    })
    const rows: Row[] = []
    for (const open of streams) {
      while (followers.length * OF_A_PERSON < open)
        followers.push(await follow(url, followers.length))
      const { rss } = usageOf(pid)
      const measured: Measured[] = []
      for (let round = 0; round < rounds; round++) measured.push(await ask())
      rows.push({ open, rounds: measured, rss, pokes: await timePokes(url, followers) })
    }
    return sectionOf(rows)
  })

const follow = async (url: string, nth: number): Promise<Follower> => {
  const name = `follower${nth}`
  await register(url, name)
  const { access_token: token } = await login(url, name)
  const streams: Stream[] = []
  for (let i = 0; i < OF_A_PERSON; i++) streams.push(await openStream(url, token))
  return { token, streams }
}

const timePokes = async (url: string, followers: readonly Follower[]): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i < (followers.length > 0 ? POKES : 0); i++) {
    const { token, streams } = followers[i % followers.length] as Follower
    const told = Promise.all(streams.map((stream) => stream.next()))
    const began = performance.now()
    const body = { title: 'Sweep the chimney' }
    await send(url, { method: 'POST', path: '/api/v1/tasks', body }, token, 201)
    await told
    times.push(performance.now() - began)
  }
  return times
}

const p99 = ({ rounds }: Row): number => median(rounds.map((round) => round.p99))

const sectionOf = (rows: readonly Row[]): Section => {
  const [none, most] = [rows[0], rows.at(-1)] as [Row, Row]
  const slowest = Math.max(...rows.flatMap(({ pokes }) => pokes))
  return {
    name: 'streams',
    text: tableOf(
      [
        'streams',
        'one task, requests/s',
        'p99, ms',
        'CPU, µs',
        'RSS, MB',
        'told after, ms',
        'slowest',
      ],
      rows.map((row) => [
        whole(row.open),
        whole(median(row.rounds.map(({ perSecond }) => perSecond))),
        fixed(p99(row)),
        whole(median(row.rounds.map(({ cpuMicros }) => cpuMicros))),
        whole(row.rss),
        row.pokes.length === 0 ? '–' : fixed(median(row.pokes)),
        row.pokes.length === 0 ? '–' : fixed(Math.max(...row.pokes)),
      ]),
    ),
    verdicts: [
      atMost(`memory of ${most.open} streams`, most.rss - none.rss, MOST_MB, ' MB'),
      atMost(`p99 beside ${most.open} streams, of that without`, p99(most) / p99(none), MOST_RATIO),
      atMost('all streams of a reader are told within', slowest, MOST_POKE_MS, ' ms'),
      allAnswered(rows.flatMap(({ rounds }) => rounds)),
    ],
  }
}
