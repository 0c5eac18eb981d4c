// One load, and what it took; several that are compared take turns, so that whatever else the
// machine does meets all alike.
import type { World } from './data/world.ts'
import { type Load, load } from './load/load.ts'
import type { Fill } from './load/requests.ts'
import { type Scenario, SESSIONS } from './scenarios.ts'
import type { Server } from './servers/process.ts'
import { usageOf, watchMemory } from './servers/usage.ts'

export type Measured = Load & {
  /** CPU time of the server's processes for a request, in microseconds. */
  readonly cpuMicros: number
  /** The most resident memory that was seen, in MB. */
  readonly rss: number
}

type Ask = {
  readonly server: Server
  readonly world: World
  readonly scenario: Scenario
  readonly seconds: number
  readonly rate?: number
}

/**
 * More than there are connections, because a generator may look at the first request without
 * sending it.
 */
const POOL = SESSIONS * 2

const fillFor = async ({ fill }: Scenario, world: World): Promise<Fill | undefined> =>
  fill === undefined
    ? undefined
    : fill === 'key'
      ? { kind: 'key' }
      : { kind: 'token', pool: await world.refreshTokens(POOL) }

export const measure = async ({
  server,
  world,
  scenario,
  seconds,
  rate,
}: Ask): Promise<Measured> => {
  const { asks, connections, seconds: most = seconds } = scenario
  const [tokens, fill] = [await world.tokens(), await fillFor(scenario, world)]
  let rss = 0
  const watch = watchMemory(server.pid, (now) => {
    rss = Math.max(rss, now)
  })
  const before = usageOf(server.pid).cpuMs
  const result = await load({
    url: server.url,
    asks,
    tokens,
    fill,
    seconds: Math.min(seconds, most),
    connections,
    ...(rate !== undefined && { rate }),
  })
  const cpuMs = usageOf(server.pid).cpuMs - before
  watch.stop()
  // A generator that ends leaves requests behind, which the next load would wait for.
  await (await fetch(`${server.url}/health`)).arrayBuffer()
  return { ...result, cpuMicros: (cpuMs * 1000) / result.requests, rss }
}

/** Each in every round once, in an order that turns around. */
export const inTurns = async <K extends string>(
  rounds: number,
  sides: Readonly<Record<K, () => Promise<Measured>>>,
): Promise<Record<K, Measured>[]> => {
  const names = Object.keys(sides) as K[]
  const done: Record<K, Measured>[] = []
  for (let round = 0; round < rounds; round++) {
    const results: Partial<Record<K, Measured>> = {}
    for (const name of round % 2 === 0 ? names : names.toReversed())
      results[name] = await sides[name]()
    done.push(results as Record<K, Measured>)
  }
  return done
}
