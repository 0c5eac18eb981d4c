// The service on more than one core. The first process does what only one process may do, and
// answers requests as its workers do.
import { createApp } from '../../../app.ts'
import type { Config } from '../../../config.ts'
import type { Broadcast } from '../../../core/broadcast.ts'
import { systemClock } from '../../../core/clock.ts'
import { createDeferred } from '../../../core/deferred.ts'
import { createJobRuns, type JobRuns } from '../../../core/job-runs.ts'
import { createDeps } from '../../../deps.ts'
import { readAssets } from '../assets.ts'
import { compression } from '../compression.ts'
import { refuseUnfinished } from '../database.ts'
import {
  type DatabaseLifecycle,
  reasonToWait,
  startDatabaseLifecycle,
  TAKEN_OVER,
} from '../database-lifecycle.ts'
import type { DatabaseTarget } from '../database-target.ts'
import { refusalToListen, shutDown, startJobsOf } from '../lifecycle.ts'
import { createBufferedLog, logFormatOf } from '../log.ts'
import { repairDuringOverlap } from '../overlap.ts'
import { createProcessExit, type ProcessExit } from '../process-exit.ts'
import { watchProcess } from '../process-figures.ts'
import { createReadinessGate, UNMIGRATED, whenMigrated } from '../readiness-gate.ts'
import type { Scheduler } from '../scheduler.ts'
import { announce } from '../startup-banner.ts'
import { createTargets } from '../webhooks/targets.ts'
import { createBroadcast } from './broadcast.ts'
import type { Pool } from './pool.ts'
import type { Member } from './pool-worker.ts'
import { createPrimaryCalls } from './primary-methods.ts'
import { localPeer } from './rpc.ts'

const BROKEN = 'the workers end again and again'

/**
 * Serves by `count` processes, with this one, until a signal ends it. Resolves when all of them
 * serve. Throws Refusal.
 */
export const serveByWorkers = async (
  config: Config,
  target: DatabaseTarget,
  { runtime, count }: { runtime: string; count: number },
): Promise<void> => {
  const logFormat = logFormatOf(config.logFormat)
  const log = createBufferedLog(config.logLevel, logFormat)
  const processExit = createProcessExit(log, config.shutdownMs)
  const opened = createDeferred<DatabaseLifecycle>()
  const jobs = createJobRuns(systemClock, log)
  const members = (): readonly Member[] => [own, ...pool.workers]
  const calls = createPrimaryCalls({ runtime, lifecycle: opened.promise, jobs, members })
  const self = localPeer(calls.methodsFor(() => own))
  const { broadcast, handlers } = createBroadcast(() => self)
  const own: Member = { peer: localPeer(handlers), figures: {} }

  const [{ createPool }, { node, serveConnections }] = await Promise.all([
    import('./pool.ts'),
    import('../server.ts'),
  ])
  const reason = reasonToWait(config, target)
  const gate = createReadinessGate(reason, log)
  const pool = createPool({
    count: count - 1,
    own: serveConnections(gate, { ...config, log }),
    log,
    logFormat,
    methodsFor: calls.methodsFor,
    ended: calls.addDeparted,
    broken: () => {
      console.error(`taskport: ${BROKEN}, so the service ends: the log says more`)
      void processExit.end(BROKEN, 1)
    },
  })
  pool.wait(reason)
  // Before the database is opened: a start that is refused for its port must not change it.
  const listening = await pool.listen(config).catch((error: unknown) => {
    throw refusalToListen(error, config)
  })
  const lifecycle = await startDatabaseLifecycle({
    config,
    target,
    log,
    ended: () => void processExit.end(TAKEN_OVER),
    migrating: processExit.waitFor,
  })
  opened.resolve(lifecycle)
  const about = lifecycle.about(runtime)
  const { peerOf, receiveBody } = node
  const platform = { peerOf, receiveBody }
  const shared = { config, target, log, processExit, about, broadcast, jobs, pool, gate }
  let scheduler: Scheduler | undefined
  // Before the workers serve: the first may acknowledge a write while others still open the database.
  processExit.before(() =>
    shutDown(listening, {
      budget: config.shutdownMs,
      backups: about.backups !== undefined,
      jobs: async (ms) => scheduler?.ended(ms),
      close: lifecycle.close,
    }),
  )
  const begin = async () => {
    scheduler = await serveOn(lifecycle, { ...shared, platform })
  }
  if (lifecycle.missing.length > 0) {
    gate.wait(UNMIGRATED)
    pool.wait(UNMIGRATED)
    whenMigrated({ ...lifecycle, log }, begin)
  } else {
    const beginning = begin()
    processExit.waitFor(beginning)
    await beginning
  }
  lifecycle.startBackups()
  const { port } = listening
  await announce({ config, target, lifecycle, log, runtime, port, workers: count })
}

type Service = {
  readonly config: Config
  readonly target: DatabaseTarget
  readonly log: ReturnType<typeof createBufferedLog>
  readonly processExit: ProcessExit
  readonly about: ReturnType<DatabaseLifecycle['about']>
  readonly platform: Pick<Parameters<typeof createDeps>[1], 'peerOf' | 'receiveBody'>
  readonly broadcast: Broadcast
  readonly jobs: JobRuns
  readonly pool: Pool
  readonly gate: ReturnType<typeof createReadinessGate>
}

/** Serves in this process and in the workers, on a migrated database. */
const serveOn = async (lifecycle: DatabaseLifecycle, service: Service): Promise<Scheduler> => {
  const { config, target, log, processExit, about, platform, broadcast, jobs, pool, gate } = service
  const { db, migrations } = lifecycle
  await refuseUnfinished(db)
  // Before the workers open the database: it makes the first signing key, which each of them would
  // make otherwise.
  const deps = await createDeps(config, {
    db,
    migrations,
    log,
    ...platform,
    assets: readAssets(),
    compression,
    watchProcess,
    broadcast,
    jobs,
    about,
    replicas: target.kind === 'server',
    targets: createTargets({ allowed: config.webhookHosts }),
  })
  processExit.signal.addEventListener('abort', () => deps.grown?.end())
  const { backups, ...rest } = about
  await pool.open({ target, about: rest, backups: backups !== undefined })
  gate.open(createApp(deps))
  repairDuringOverlap(deps, lifecycle, processExit.signal)
  return startJobsOf(deps, processExit)
}
