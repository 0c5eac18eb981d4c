import { baseUrlOf, type Config } from './config.ts'
import { createAlarm } from './core/alarm.ts'
import { type Broadcast, type Figures, noBroadcast } from './core/broadcast.ts'
import { createChunkQueue } from './core/chunk-queue.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { type Contention, createContention, withoutQueue } from './core/contention.ts'
import type { Chunking } from './core/context.ts'
import { createSealer } from './core/encryption.ts'
import { createIds, type Ids } from './core/ids.ts'
import { createJobRuns, type JobReport, type JobRuns } from './core/job-runs.ts'
import { type Log, silent } from './core/log.ts'
import { noSingleFlight, singleFlight } from './core/single-flight.ts'
import { noteSuperseded } from './core/superseded.ts'
import type { Database } from './db/database.ts'
import { lastTag, type Migration } from './db/migrate.ts'
import { createCredentials } from './features/account/credentials/credentials.ts'
import { createFiringCounts } from './features/reminders/index.ts'
import { createStreams } from './features/sync/index.ts'
import { createDeliveryCounts, noTargets, type Targets } from './features/webhooks/index.ts'
import type { PeerOf } from './http/address.ts'
import type { ReceiveBody } from './http/body.ts'
import { createBodyBudget } from './http/body-budget.ts'
import type { About, Assets, Deps } from './http/deps.ts'
import { createLimits } from './http/limits.ts'
import { createLongReadQueue } from './http/long-read-queue.ts'
import { createMeters } from './http/meters.ts'
import { createObservation } from './http/observation.ts'
import { CALLBACK } from './http/sign-in.ts'
import { createSignInLimits } from './http/sign-in-limits.ts'
import { type Compression, createStatic, standardCompression } from './http/static-content.ts'
import { version } from './version.ts'

type Background = (work: Promise<void>) => void

type CredentialsParts = Parameters<typeof createCredentials>[0]

/**
 * What runtimes provide, and what tests replace. Only the database, opened and migrated, has no
 * default.
 */
export type Parts = {
  readonly db: Database
  /** The migrations of this version. The service is ready when the database has had them. */
  readonly migrations?: readonly Migration[]
  readonly clock?: Clock
  readonly ids?: Ids
  readonly log?: Log
  readonly passwords?: CredentialsParts['passwords']
  readonly sharing?: CredentialsParts['sharing']
  /** Rows of a chunk, if it is not the default number. */
  readonly bulk?: Pick<Chunking, 'rows'>
  readonly contention?: Contention
  /** How the processes of the service tell each other, if it runs as several. */
  readonly broadcast?: Broadcast
  /** May other processes write that the broadcast does not reach? */
  readonly replicas?: boolean
  /** Begins to watch this process for the metrics. Called where there are any. */
  readonly watchProcess?: () => () => Figures
  /** How a platform keeps work going that nothing waits for, if it would else end with the answer. */
  readonly background?: Background
  /** The runs of jobs in this process, if it is not `createDeps` that makes them. */
  readonly jobs?: JobRuns
  /** Asks the process that runs the jobs, if it is not this one. */
  readonly jobReports?: () => Promise<readonly JobReport[]>
  readonly peerOf?: PeerOf
  readonly receiveBody?: ReceiveBody | undefined
  readonly assets?: Assets
  /** How webhooks reach their endpoints. */
  readonly targets?: Targets
  /** If the platform compresses better than the standard has it. */
  readonly compression?: Compression
  readonly about?: Partial<About>
}

/** Makes and joins the parts of the service, for every runtime and every test. */
export const createDeps = async (config: Config, parts: Parts): Promise<Deps> => {
  const {
    db,
    migrations = [],
    clock = systemClock,
    log = silent,
    passwords,
    sharing,
    broadcast = noBroadcast(),
  } = parts
  const meters = config.metricsToken === undefined ? undefined : createMeters()
  const ids = parts.ids ?? createIds(clock)
  const jobs = parts.jobs ?? createJobRuns(clock, log)
  const own = { ...(passwords && { passwords }), ...(sharing && { sharing }) }
  const credentials = await createCredentials({ config, db, clock, ids, log, broadcast, ...own })
  // Loaded only if it is configured: it makes a start slower.
  const openid =
    config.openid &&
    (await (
      await import('./features/account/openid/openid.ts')
    ).createOpenId({
      redirectUri: baseUrlOf(config) + CALLBACK,
      provider: config.openid,
      db,
      clock,
      log,
      ...(sharing && { sharing }),
    }))
  const webhooks = await createWebhookParts(config, parts)
  return {
    config,
    db,
    clock,
    ids,
    log,
    observation: createObservation(log, meters),
    meters,
    processFigures: (meters && parts.watchProcess?.()) ?? (() => ({})),
    contention:
      parts.contention ?? (sharing === noSingleFlight ? withoutQueue : createContention()),
    credentials,
    openid,
    limits: createLimits(clock, config.rateLimits, broadcast),
    signInLimits: createSignInLimits(db, clock, log, config.rateLimits),
    longReadQueue: sharing === noSingleFlight ? undefined : createLongReadQueue(db),
    background: (work) => {
      const logged = work().catch((error: unknown) =>
        log.warning('work behind an answer was interrupted, and is gone on with later', { error }),
      )
      parts.background?.(logged)
    },
    peerOf: parts.peerOf ?? (() => undefined),
    bodies: createBodyBudget(config.bodies),
    receiveBody: parts.receiveBody,
    assets: parts.assets ?? (() => undefined),
    asStatic: (content) =>
      createStatic(content, parts.compression ?? standardCompression, sharing ?? singleFlight),
    broadcast,
    grown:
      sharing === noSingleFlight
        ? undefined
        : createStreams({
            db,
            ids,
            log,
            broadcast,
            replicas: parts.replicas ?? false,
            heard: webhooks.wake,
          }),
    alarm: createAlarm(broadcast),
    firings: createFiringCounts(),
    webhooks,
    jobs,
    jobReports: parts.jobReports ?? (async () => jobs.reports()),
    bulk: { ...parts.bulk, ...(sharing !== noSingleFlight && { queue: createChunkQueue() }) },
    about: { ...unknown, startedAt: clock.now(), ...parts.about },
    readiness: async () => {
      try {
        // the database is handed over
        if ((await parts.about?.backups?.())?.writing === false) return false
        return isMigrated(await db.migrated(), migrations, log)
      } catch (error) {
        log.warning('the database does not answer', { error })
        return false
      }
    },
  }
}

const MINUTE = 60_000
/** How soon webhooks are told of what other replicas have written. */
const REPLICAS_MS = 3_000

const createWebhookParts = async (
  { authSecret }: Config,
  { targets = noTargets, replicas = false }: Pick<Parts, 'targets' | 'replicas'>,
): Promise<Deps['webhooks']> => {
  let listener = () => {}
  return {
    targets,
    sealer: await createSealer(authSecret, 'taskport webhooks'),
    counts: createDeliveryCounts(),
    every: replicas ? REPLICAS_MS : MINUTE,
    wake: () => listener(),
    hear: (heard) => {
      listener = heard
    },
  }
}

const isMigrated = (
  done: readonly string[],
  migrations: readonly Migration[],
  log: Log,
): boolean => {
  const [had, last] = [new Set(done), lastTag(migrations)]
  const superseded = last !== '' && done.some((tag) => tag > last)
  if (superseded) noteSuperseded(log)
  const missing = migrations.map(({ tag }) => tag).filter((tag) => !had.has(tag))
  if (missing.length > 0) log.warning('the database lacks migrations', { missing })
  return !superseded && missing.length === 0
}

/** What `/status` shows if no runtime sets it. */
const unknown = {
  version,
  runtime: 'unknown',
  engine: 'unknown',
  durability: { kind: 'ephemeral', reason: 'It is not known where the data is kept.' },
} as const
