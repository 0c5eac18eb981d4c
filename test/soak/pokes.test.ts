// How soon all streams of a user are told of a change that another process has made. POKES says how
// many changes.
import { expect, onTestFinished, test } from 'vitest'
import { clientsOf } from '../support/client.ts'
import { freshDatabases } from '../support/fresh.ts'
import { startTaskport } from '../support/process.ts'
import { isSmall, sized } from '../support/size.ts'
import { type Stream, streamOf } from '../support/sync/stream.ts'

const POKES = sized('POKES', { full: 30, small: 3 })
/** As many as a user may have in one process. */
const STREAMS = 10
const WITHIN_MS = 1_000

const env = { RATE_LIMIT: 'off', LOG_LEVEL: 'error' }

type Followed = { readonly url: string; readonly streams: number }

/** A user writes at `writer`. Answers how long it took until the last stream was told, each time. */
const timePokes = async (writer: string, { url, streams: count }: Followed): Promise<number[]> => {
  const { register } = clientsOf((path, init) => fetch(writer + path, init))
  const ann = await register('Ann')
  const streams: Stream[] = []
  onTestFinished(async () => void (await Promise.all(streams.map((stream) => stream.cancel()))))
  for (let i = 0; i < count; i++)
    streams.push(streamOf(await fetch(`${url}/api/v1/events`, { headers: ann.headers })))
  const told = () => Promise.all(streams.map((stream) => stream.token()))
  const first = await told()
  expect(new Set(first).size).toBe(1)
  const times: number[] = []
  for (let [i, before] = [0, first[0]]; i < POKES; i++) {
    const all = told()
    const began = performance.now()
    expect((await ann.post('/api/v1/tasks', { title: `t${i}` })).status).toBe(201)
    const tokens = await all
    times.push(performance.now() - began)
    expect(new Set(tokens).size, 'all are told the same').toBe(1)
    expect(tokens[0]).not.toBe(before)
    const { body } = await ann.get(`/api/v1/changes?since=${before}`)
    expect([body.tasks.length, body.token], 'and that is all there is').toEqual([1, tokens[0]])
    before = tokens[0]
  }
  return times
}

const judge = (where: string, times: readonly number[]): void => {
  const ordered = times.toSorted((a, b) => a - b).map(Math.round)
  console.log(`${where}: told after ${ordered[ordered.length >> 1]} ms, at most ${ordered.at(-1)}`)
  expect(times).toHaveLength(POKES)
  if (!isSmall) expect(Math.max(...times)).toBeLessThanOrEqual(WITHIN_MS)
}

const { Postgres, MariaDB } = freshDatabases()
for (const [name, make] of Object.entries({ Postgres, ...(!isSmall && { MariaDB }) }))
  test.skipIf(make === undefined)(
    `the ${STREAMS} streams at a replica on ${name}, of ${POKES} changes at another one`,
    async () => {
      const fresh = await make?.()
      if (!fresh) throw new Error('no server')
      const start = () => startTaskport({ ...env, DATABASE_URL: fresh.url })
      const [here, there] = [await start(), await start()]
      judge(name, await timePokes(here.url, { url: there.url, streams: STREAMS }))
      for (const { child, exit } of [here, there]) {
        child.kill('SIGTERM')
        await exit
      }
      await fresh.drop()
    },
  )

test(`the streams at two processes with one file, of ${POKES} changes`, async () => {
  // Connections go to the processes in turn.
  const { url } = await startTaskport({ ...env, WORKERS: '2' })
  judge('two processes with one file', await timePokes(url, { url, streams: 2 * STREAMS - 2 }))
})
