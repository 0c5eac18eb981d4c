import { type App, createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { createDeps } from '../../deps.ts'
import { readAssets } from './assets.ts'
import { compression } from './compression.ts'
import { refuseUnfinished } from './database.ts'
import { reasonToWait, startDatabaseLifecycle, TAKEN_OVER } from './database-lifecycle.ts'
import type { DatabaseTarget } from './database-target.ts'
import { refusalToListen, shutDown, startJobsOf } from './lifecycle.ts'
import { createBufferedLog, logFormatOf } from './log.ts'
import { repairDuringOverlap } from './overlap.ts'
import type { Listening, Platform } from './platform.ts'
import { createProcessExit } from './process-exit.ts'
import { watchProcess } from './process-figures.ts'
import { createReadinessGate, waitForMigrations } from './readiness-gate.ts'
import type { Scheduler } from './scheduler.ts'
import { announce } from './startup-banner.ts'
import { createTargets } from './webhooks/targets.ts'

// They need the same modules. As one bundle, a start with one process reads few files.
export { serveByWorkers } from './cluster/primary.ts'
export { work } from './cluster/worker.ts'

/**
 * Opens the database and serves until a signal ends the process. Resolves when it listens and the
 * database is open. Throws Refusal.
 */
export const serve = async (
  config: Config,
  target: DatabaseTarget,
  platform: Platform,
): Promise<void> => {
  const log = createBufferedLog(config.logLevel, logFormatOf(config.logFormat))
  const processExit = createProcessExit(log, config.shutdownMs)
  const { name: runtime, peerOf, receiveBody } = platform
  const listen = (app: App): Promise<Listening> =>
    platform.listen(app, { ...config, log }).catch((error: unknown) => {
      throw refusalToListen(error, config)
    })
  // Before the database is opened: a start that is refused for its port must not change it.
  const gate = createReadinessGate(reasonToWait(config, target), log)
  const listening = await listen(gate)
  const lifecycle = await startDatabaseLifecycle({
    config,
    target,
    log,
    ended: () => void processExit.end(TAKEN_OVER),
    migrating: processExit.waitFor,
  })
  const about = lifecycle.about(runtime)
  let scheduler: Scheduler | undefined
  const start = async () => {
    await refuseUnfinished(lifecycle.db)
    const deps = await createDeps(config, {
      ...lifecycle,
      log,
      peerOf,
      receiveBody,
      assets: readAssets(),
      compression,
      watchProcess,
      about,
      replicas: target.kind === 'server',
      targets: createTargets({ allowed: config.webhookHosts }),
    })
    processExit.signal.addEventListener('abort', () => deps.grown?.end())
    scheduler = startJobsOf(deps, processExit)
    repairDuringOverlap(deps, lifecycle, processExit.signal)
    return createApp(deps)
  }
  const app =
    lifecycle.missing.length > 0 ? waitForMigrations({ ...lifecycle, log }, start) : await start()
  gate.open(app)
  processExit.before(() =>
    shutDown(listening, {
      budget: config.shutdownMs,
      backups: about.backups !== undefined,
      jobs: async (ms) => scheduler?.ended(ms),
      close: lifecycle.close,
    }),
  )
  lifecycle.startBackups()
  await announce({ config, target, lifecycle, log, runtime, port: listening.port })
}
