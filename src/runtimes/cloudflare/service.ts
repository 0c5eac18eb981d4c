import type { Context } from 'hono'
import { type App, createApp } from '../../app.ts'
import { type Config, ConfigError, parseConfig } from '../../config.ts'
import { noSingleFlight } from '../../core/single-flight.ts'
import { tellStorage } from '../../core/storage.ts'
import { type ZoneData, zoneDataOf } from '../../core/zone-data.ts'
import type { Database } from '../../db/database.ts'
import { HalfMigrated, type Migration, NewerDatabase } from '../../db/migrate.ts'
import { watched } from '../../db/open/watched.ts'
import { lackingOfOurs, OtherTables } from '../../db/other-tables.ts'
import { isUnfinishedCopy } from '../../db/transfer/mark.ts'
import { UnsuitableDatabase } from '../../db/unsuitable.ts'
import { createDeps } from '../../deps.ts'
import { createPasswords } from '../../features/account/passwords/passwords.ts'
import type { PeerOf } from '../../http/address.ts'
import type { Deps } from '../../http/deps.ts'
import { noCompression } from '../../http/static-content.ts'
import { jobsOf } from '../../jobs.ts'
import { version } from '../../version.ts'
import { answerUnready } from '../unready.ts'
import { type Bindings, databaseTargetOf, variablesIn } from './bindings.ts'
import { databaseAt } from './database.ts'
import { createConsoleLog } from './log.ts'
import { Refusal } from './refusal.ts'
import { inRequestScope, keepGoing, type Lifetime } from './request-scope.ts'
import { createTargets } from './targets.ts'
import { discardRest } from './unread-body.ts'

/** The service in one isolate. */
export type Service = {
  answer(request: Request, bindings: Bindings, lifetime: Lifetime): Promise<Response>
  /**
   * Runs the jobs, one after the other. `often`: only those that run every minute. Throws when one
   * has failed and the others are done, so that the platform shows it.
   */
  runJobs(bindings: Bindings, lifetime: Lifetime, which: { often: boolean }): Promise<void>
}
/** Replaced when the Worker is built. */
declare const BUILT_COMMIT: string
const builtCommit = (): string | undefined =>
  typeof BUILT_COMMIT === 'string' ? BUILT_COMMIT || undefined : undefined

const MINUTE = 60_000

type Running = { readonly app: App; readonly deps: Deps }

/**
 * The service starts with its first request, because the platform forbids work before. Requests
 * that arrive meanwhile each start it for themselves, and the first start that succeeds serves all:
 * no request may wait for another, which the platform may cut off.
 */
export const createService = (): Service => {
  let running: Running | undefined
  let zoneData: ZoneData | undefined
  const get = async (bindings: Bindings): Promise<Running> => {
    if (running) return running
    const started = await start(bindings)
    running ??= started
    return running
  }
  return {
    answer: (request, bindings, lifetime) =>
      inRequestScope(lifetime, async () => {
        const started = running ?? (await get(bindings).catch(reasonOf))
        const response = await (typeof started === 'string'
          ? answerUnready(request, started, createConsoleLog('info'))
          : started.app.fetch(request))
        await discardRest(request)
        return response
      }),
    runJobs: (bindings, lifetime, { often }) =>
      inRequestScope(lifetime, async () => {
        const { deps } = await get(bindings)
        // The platform does not say which time zone data it has.
        const all = jobsOf(deps, async () => (zoneData ??= await zoneDataOf(undefined)))
        const { signal } = new AbortController()
        const failed: string[] = []
        for (const job of all.filter(({ every }) => !often || every <= MINUTE))
          if (!(await deps.jobs.run(job, { first: false, signal })).done) failed.push(job.name)
        if (failed.length > 0)
          throw new Error(`not done, for reasons in the log: ${failed.join(', ')}`)
      }),
  }
}

/** The address of the client. The platform itself sets this header. */
const peerOf: PeerOf = (c: Context) => c.req.header('cf-connecting-ip')

const bounds = { reserve: 'DISK_RESERVE', limit: 'DATABASE_SIZE_LIMIT' } as const

const start = async (bindings: Bindings): Promise<Running> => {
  const began = Date.now()
  const given = parseConfig(variablesIn(bindings))
  const log = createConsoleLog(given.logLevel)
  if (given.backup)
    throw new ConfigError([
      'BACKUP_URL backs up a database in a file, and Workers have none: remove BACKUP_URL',
    ])
  if (given.workers !== 1)
    throw new ConfigError([
      'WORKERS is for Node only, and this platform starts isolates by itself: remove WORKERS',
    ])
  for (const name of ['reserve', 'limit'] as const)
    if (given.storage[name] !== undefined)
      throw new ConfigError([
        `${bounds[name]} is for a database in a file, and Workers have none: remove ${bounds[name]}`,
      ])
  const {
    db: opened,
    migrations,
    engine,
    where,
  } = await databaseAt(databaseTargetOf(bindings, given))
  const db = watched(
    opened,
    tellStorage(log, 'delete what is no longer needed, or raise the limit of the database'),
  )
  const applied = await bringUp(db, migrations, given.migrate)
  await refuseUnfinished(db)
  const durability = { kind: 'durable', reason: where } as const
  const commit = given.sourceCommit ?? builtCommit()
  const about = { version, commit, runtime: 'Workers', engine, durability, startedAt: began }
  // X-Forwarded-For is not used here. scrypt blocks the isolate, so it runs one at a time anyway.
  const config = { ...given, trustedHops: 0 }
  const passwords = createPasswords({ atOnce: Number.POSITIVE_INFINITY })
  const deps = await createDeps(config, {
    db,
    migrations,
    log,
    peerOf,
    passwords,
    sharing: noSingleFlight,
    background: keepGoing,
    compression: noCompression,
    targets: createTargets({ allowed: config.webhookHosts, own: config.publicUrl }),
    about,
  })
  log.info('started', { version, engine, migrations: applied })
  return { app: createApp(deps), deps }
}

/**
 * Applies the missing migrations. Takes one query if none is missing: every isolate that wakes up
 * asks this. Returns the tags that were applied.
 */
const bringUp = async (
  db: Database,
  migrations: readonly Migration[],
  policy: Config['migrate'],
): Promise<string[]> => {
  const missing = await lackingOfOurs(db, migrations)
  if (missing.length === 0) return []
  if (policy === 'auto') {
    // A database that is refused must not be migrated.
    if (missing.length < migrations.length) await refuseUnfinished(db)
    return db.migrate(migrations)
  }
  throw new Refusal(
    `MIGRATE is ${policy}, and the database lacks ${missing.join(', ')}: migrate it, or set MIGRATE to auto`,
  )
}

const refuseUnfinished = async (db: Database): Promise<void> => {
  if (await isUnfinishedCopy(db))
    throw new Refusal(
      'The database is a copy that is not finished: run npm run db:copy again, or use another one',
    )
}

/** The reason that clients get when the service does not start. The log has more. */
const reasonOf = (error: unknown): string => {
  const log = createConsoleLog('error')
  if (error instanceof ConfigError) {
    for (const line of error.lines) log.error(line)
    return 'The configuration is not valid: the log names the variables.'
  }
  log.error('the service cannot start', { error })
  if (error instanceof Refusal) return `${error.message}.`
  if (error instanceof NewerDatabase || error instanceof HalfMigrated)
    return 'The database does not fit this version: the log says why.'
  if (error instanceof OtherTables)
    return 'The database has tables of another program: the log names them.'
  if (error instanceof UnsuitableDatabase)
    return 'The database has settings that the service cannot work with: the log names them.'
  return 'The database cannot be reached right now. Try again.'
}
