// The service on more than one core: the first process has what may be there only once, and answers
// requests as its workers do.
import { createApp } from '../../../app.ts'
import type { Config } from '../../../config.ts'
import type { Answered } from '../../../core/broadcast.ts'
import { createDeps } from '../../../deps.ts'
import { readAssets } from '../assets.ts'
import { refuseUnfinished } from '../database.ts'
import { type Holding, holdDatabase, reasonToWait, TAKEN_OVER } from '../database-lifecycle.ts'
import type { Place } from '../database-target.ts'
import { createEnding } from '../ending.ts'
import { maintainHourly, refusalToListen, shutDown } from '../lifecycle.ts'
import { createBufferedLog } from '../log.ts'
import { repairDuringOverlap } from '../overlap.ts'
import { createFront, UNMIGRATED, whenMigrated } from '../readiness-gate.ts'
import { announce } from '../startup-banner.ts'
import { createSiblings } from './broadcast.ts'
import type { Member } from './pool.ts'
import type { FirstDuties } from './protocol.ts'
import { selfOf } from './rpc.ts'
import { receiveBatches } from './write-forwarding.ts'

/**
 * A worker that is busy for longer forgets a credential a moment after the one that revoked it has
 * answered, and the metrics tell of it what it said when it was last asked.
 */
const WAITED_MS = 1_000

/**
 * Serves by `count` processes, this one among them, until a signal ends it; answers when all of
 * them serve. Throws Refusal.
 */
export const serveByWorkers = async (
  config: Config,
  place: Place,
  { runtime, count }: { runtime: string; count: number },
) => {
  const log = createBufferedLog(config.logLevel)
  let departed: readonly Answered[] = []
  const ending = createEnding(log, config.shutdownMs)
  const held = Promise.withResolvers<Holding>()

  const dutiesFor = (speaker: () => Member): Omit<FirstDuties, 'up'> => ({
    atomic: receiveBatches({
      atomic: async (writes, options) => (await held.promise).db.atomic(writes, options),
    }),
    revoked: async () => {
      await whileWaited(
        Promise.allSettled(others(speaker()).map(({ peer }) => peer.ask('revoked'))),
      )
    },
    counted: async (counted) => {
      for (const { peer } of others(speaker())) peer.ask('counted', counted).catch(() => {})
    },
    answered: async () => {
      await whileWaited(Promise.all(members().map(ask)))
      return sum([departed, ...members().map(({ answered }) => answered)])
    },
    copies: async () => {
      const { copies } = (await held.promise).about(runtime)
      if (!copies) throw new Error('this database is not copied')
      return copies()
    },
    storage: async () => {
      const state = await (await held.promise).db.storage?.()
      if (!state) throw new Error('nothing is known of the storage of this database')
      return state
    },
  })
  const itself = selfOf(dutiesFor(() => own))
  const { siblings, heard } = createSiblings(() => itself)
  const own: Member = { peer: selfOf(heard), answered: [] }
  const members = (): readonly Member[] => [own, ...crew.workers]
  const others = (speaker: Member) => members().filter((other) => other !== speaker)

  const [{ createCrew }, { node, serveConnections }] = await Promise.all([
    import('./pool.ts'),
    import('../server.ts'),
  ])
  const reason = reasonToWait(config, place)
  const front = createFront(reason)
  const crew = createCrew({
    count: count - 1,
    own: serveConnections(front, { ...config, log }),
    log,
    dutiesFor,
    ended: ({ answered }) => {
      departed = sum([departed, answered])
    },
    broken: () => {
      console.error(
        'taskport: the workers end again and again, so the service ends: the log says more',
      )
      void ending.end('the workers end again and again', 1)
    },
  })
  crew.wait(reason)
  // Before the database is touched: a start that is refused for its port has changed nothing.
  const listening = await crew.listen(config).catch((error: unknown) => {
    throw refusalToListen(error, config)
  })
  const holding = await holdDatabase({
    config,
    place,
    log,
    ended: () => void ending.end(TAKEN_OVER),
  })
  held.resolve(holding)
  const about = holding.about(runtime)
  const begin = async () => {
    await refuseUnfinished(holding.db)
    const { db, migrations } = holding
    const parts = { peerOf: node.peerOf, receiveBody: node.receiveBody }
    // Before the others: it makes the first signing key, which they would make several times.
    const deps = await createDeps(config, {
      db,
      migrations,
      log,
      ...parts,
      assets: readAssets(),
      siblings,
      about,
    })
    const { copies, ...said } = about
    await crew.open({ place, about: said, copied: copies !== undefined })
    front.show(createApp(deps))
    maintainHourly(deps, ending)
    repairDuringOverlap(deps, holding)
  }
  if (holding.missing.length > 0) {
    front.wait(UNMIGRATED)
    crew.wait(UNMIGRATED)
    whenMigrated({ ...holding, log }, begin)
  } else await begin()
  ending.before(() =>
    shutDown(listening, {
      budget: config.shutdownMs,
      copies: about.copies !== undefined,
      close: holding.close,
    }),
  )
  holding.keep()
  await announce({ config, place, holding, log, runtime, port: listening.port, workers: count })
}

const whileWaited = (all: Promise<unknown>): Promise<unknown> =>
  Promise.race([all, new Promise((resolve) => setTimeout(resolve, WAITED_MS).unref())])

const ask = async (member: Member): Promise<void> => {
  member.answered = await member.peer.ask('answered').catch(() => member.answered)
}

const sum = (lists: readonly (readonly Answered[])[]): Answered[] => {
  const totals = new Map<string, Answered>()
  for (const one of lists.flat()) {
    const key = `${one.status} ${one.operation}`
    totals.set(key, { ...one, total: one.total + (totals.get(key)?.total ?? 0) })
  }
  return [...totals.values()]
}
