import { type App, createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { createDeps } from '../../deps.ts'
import { readAssets } from './assets.ts'
import { refuseUnfinished } from './database.ts'
import { holdDatabase, reasonToWait, TAKEN_OVER } from './database-lifecycle.ts'
import type { Place } from './database-target.ts'
import { createEnding } from './ending.ts'
import { maintainHourly, refusalToListen, shutDown } from './lifecycle.ts'
import { createBufferedLog } from './log.ts'
import { repairDuringOverlap } from './overlap.ts'
import type { Listening, Platform } from './platform.ts'
import { createFront, waitForMigrations } from './readiness-gate.ts'
import { announce } from './startup-banner.ts'

// They need the same modules: in one bundle, a start with one process loads few files.
export { serveByWorkers } from './cluster/primary.ts'
export { work } from './cluster/worker.ts'

/**
 * Opens the database at `place` and serves until a signal ends it; answers when it listens and has
 * it. Throws Refusal.
 */
export const serve = async (config: Config, place: Place, platform: Platform): Promise<void> => {
  const log = createBufferedLog(config.logLevel)
  const ending = createEnding(log, config.shutdownMs)
  const { name: runtime, peerOf, receiveBody } = platform
  const listen = (app: App): Promise<Listening> =>
    platform.listen(app, { ...config, log }).catch((error: unknown) => {
      throw refusalToListen(error, config)
    })
  // Before the database is touched: a start that is refused for its port has changed nothing.
  const front = createFront(reasonToWait(config, place))
  const listening = await listen(front)
  const holding = await holdDatabase({
    config,
    place,
    log,
    ended: () => void ending.end(TAKEN_OVER),
  })
  const about = holding.about(runtime)
  const start = async () => {
    await refuseUnfinished(holding.db)
    const deps = await createDeps(config, {
      ...holding,
      log,
      peerOf,
      receiveBody,
      assets: readAssets(),
      about,
    })
    maintainHourly(deps, ending)
    repairDuringOverlap(deps, holding)
    return createApp(deps)
  }
  const app =
    holding.missing.length > 0 ? waitForMigrations({ ...holding, log }, start) : await start()
  front.show(app)
  ending.before(() =>
    shutDown(listening, {
      budget: config.shutdownMs,
      copies: about.copies !== undefined,
      close: holding.close,
    }),
  )
  holding.keep()
  await announce({ config, place, holding, log, runtime, port: listening.port })
}
