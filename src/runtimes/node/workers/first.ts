// The service on more than one core: the first process has what may be there only once, its workers answer requests.
import type { Config } from '../../../config.ts'
import type { Answered } from '../../../core/siblings.ts'
import { createDeps } from '../../../deps.ts'
import { announce } from '../announce.ts'
import { type Holding, holdDatabase, mayWait, refuseUnfinished } from '../holding.ts'
import { maintainHourly, refusalToListen, shutDownOnSignal } from '../lifecycle.ts'
import { createBufferedLog } from '../log.ts'
import type { Place } from '../place.ts'
import { Refusal } from '../refusal.ts'
import { UNMIGRATED, whenMigrated } from '../waiting.ts'
import { receiveBatches } from './batches.ts'
import type { Worker } from './crew.ts'
import type { FirstDuties } from './duties.ts'

/** Connections of the first process to a database server: for migrations and maintenance. */
const FIRST_POOL_SIZE = 2
/**
 * A worker that is busy for longer forgets a credential a moment after the one that revoked it has answered, and the metrics
 * tell of it what it said when it was last asked.
 */
const WAITED_MS = 1_000

/** Serves by `count` workers until a signal ends it; answers when all of them serve. Throws Refusal. */
export const serveByWorkers = async (config: Config, place: Place, { runtime, count }: { runtime: string; count: number }) => {
  if (place.kind === 'server' && place.replica !== undefined)
    throw new Refusal(
      'WORKERS is more than 1, and only one process can have the file of DATABASE_REPLICA: set WORKERS to 1, or remove DATABASE_REPLICA',
    )
  const log = createBufferedLog(config.logLevel)
  let departed: readonly Answered[] = []
  let shutDown = async (code = 0): Promise<void> => process.exit(code)
  const held = Promise.withResolvers<Holding>()

  const others = (worker: Worker) => [...crew.workers].filter((other) => other !== worker)
  const dutiesFor = (worker: () => Worker): Omit<FirstDuties, 'up'> => ({
    atomic: receiveBatches({ atomic: async (writes, options) => (await held.promise).db.atomic(writes, options) }),
    revoked: async () => {
      await whileWaited(Promise.allSettled(others(worker()).map(({ peer }) => peer.ask('revoked'))))
    },
    counted: async (counted) => {
      for (const { peer } of others(worker())) peer.ask('counted', counted).catch(() => {})
    },
    answered: async () => {
      await whileWaited(Promise.all([...crew.workers].map(ask)))
      return sum([departed, ...[...crew.workers].map(({ answered }) => answered)])
    },
    copies: async () => {
      const { copies } = (await held.promise).about(runtime)
      if (!copies) throw new Error('this database is not copied')
      return copies()
    },
  })
  const { createCrew } = await import('./crew.ts')
  const crew = createCrew({
    count,
    log,
    dutiesFor,
    ended: ({ answered }) => {
      departed = sum([departed, answered])
    },
    broken: () => {
      console.error('taskport: the workers end again and again, so the service ends: the log says more')
      void shutDown(1)
    },
  })
  const listen = () =>
    crew.listen(config).catch((error: unknown) => {
      throw refusalToListen(error, config)
    })

  const early = mayWait(config, place) ? await listen() : undefined
  const own = { ...config, databasePoolSize: Math.min(config.databasePoolSize, FIRST_POOL_SIZE) }
  const holding = await holdDatabase({ config: own, place, log, ended: () => void shutDown() })
  held.resolve(holding)
  const { copies, ...about } = holding.about(runtime)
  const begin = async () => {
    await refuseUnfinished(holding)
    const deps = await createDeps(config, { db: holding.db, migrations: holding.migrations, log }) // makes the first signing key, before several processes would
    await crew.open({ place, about, copied: copies !== undefined })
    maintainHourly(deps)
  }
  if (holding.missing.length > 0) {
    crew.wait(UNMIGRATED)
    whenMigrated({ ...holding, log }, begin)
  } else await begin()
  const listening = early ?? (await listen())
  shutDown = shutDownOnSignal(listening, { copies: copies !== undefined, close: holding.close })
  holding.keep()
  await announce({ config, place, holding, log, runtime, port: listening.port, workers: count })
}

const whileWaited = (all: Promise<unknown>): Promise<unknown> =>
  Promise.race([all, new Promise((resolve) => setTimeout(resolve, WAITED_MS).unref())])

const ask = async (worker: Worker): Promise<void> => {
  worker.answered = await worker.peer.ask('answered').catch(() => worker.answered)
}

const sum = (lists: readonly (readonly Answered[])[]): Answered[] => {
  const totals = new Map<string, Answered>()
  for (const one of lists.flat()) {
    const key = `${one.status} ${one.operation}`
    totals.set(key, { ...one, total: one.total + (totals.get(key)?.total ?? 0) })
  }
  return [...totals.values()]
}
