// The service against a bare app, in turns: what else the machine does meets both alike.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Load, load } from './load.ts'
import { captureAnswers, type Scenario, type ScenarioName, scenariosFor, signIn } from './scenarios.ts'
import { seed } from './seed.ts'
import { type Server, startBare, startService } from './service.ts'

export type Size = { readonly rounds: number; readonly seconds: number; readonly starts: number }
type Pair = { readonly service: Load; readonly bare: Load }
export type Measured = {
  readonly pairs: ReadonlyMap<ScenarioName, readonly Pair[]>
  readonly scenarios: readonly Scenario[]
  /** The most that was seen of each, in MB. */
  readonly rss: { readonly service: number; readonly bare: number }
  /** Of each start on an existing database, in milliseconds. */
  readonly ready: readonly number[]
}

const TASKS = 1_000
const WARM_UP_SECONDS = 1

export const measureRatios = async ({ rounds, seconds, starts }: Size): Promise<Measured> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-bench-'))
  const running: Server[] = []
  try {
    await seed(join(folder, 'taskport.db'), { people: { ada: TASKS } })
    const ready = await timeStarts(folder, starts)
    const service = await startService({ dataDir: folder })
    running.push(service)
    const token = await signIn(service.url, 'ada')
    const scenarios = await scenariosFor(service.url, token)
    const answers = join(folder, 'answers.json')
    writeFileSync(answers, JSON.stringify(await captureAnswers(service.url, token, scenarios)))
    const bare = await startBare(answers)
    running.push(bare)

    const memory = { service: watchMemory(service), bare: watchMemory(bare) }
    const pairs = new Map<ScenarioName, Pair[]>(scenarios.map(({ name }) => [name, []]))
    const one = ({ asks }: Scenario, { url }: Server, time: number) => load({ url, token, asks, seconds: time })
    for (const scenario of scenarios) for (const server of running) await one(scenario, server, WARM_UP_SECONDS)
    for (let round = 0; round < rounds; round++)
      for (const scenario of scenarios) {
        const first = round % 2 === 0 ? await one(scenario, service, seconds) : undefined
        const bareLoad = await one(scenario, bare, seconds)
        pairs.get(scenario.name)?.push({ service: first ?? (await one(scenario, service, seconds)), bare: bareLoad })
      }
    return { pairs, scenarios, rss: { service: memory.service.stop(), bare: memory.bare.stop() }, ready }
  } finally {
    for (const server of running) await server.stop()
    rmSync(folder, { recursive: true })
  }
}

const timeStarts = async (dataDir: string, count: number): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const server = await startService({ dataDir })
    times.push(server.readyMs)
    await server.stop()
  }
  return times
}

const watchMemory = (server: Server): { stop(): number } => {
  let most = 0
  const look = () => {
    most = Math.max(most, server.rss())
  }
  const timer = setInterval(look, 100)
  return {
    stop: () => {
      clearInterval(timer)
      look()
      return most
    },
  }
}
