import { getLogger } from '@logtape/logtape'
import { createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { isUnfinishedCopy } from '../../db/copy/mark.ts'
import { createDeps } from '../../deps.ts'
import { version } from '../../version.ts'
import { readAssets } from './assets.ts'
import { openDatabase } from './database.ts'
import { maintainHourly, refusalToListen, shutDownOnSignal } from './lifecycle.ts'
import { configureLog } from './log.ts'
import type { Place } from './place.ts'
import type { Platform } from './platform.ts'
import { Refusal } from './refusal.ts'
import { waitForMigrations } from './waiting.ts'

/** Opens the database at `place` and serves until a signal ends it; answers when it listens. Throws Refusal. */
export const serve = async (config: Config, place: Place, platform: Platform): Promise<void> => {
  configureLog(config.logLevel)
  const log = getLogger('taskport')
  const { durability } = place
  const { db, migrations, applied, missing, engine } = await openDatabase(place, config)
  const about = { version, runtime: platform.name, engine, durability, startedAt: Math.round(performance.timeOrigin) }
  const start = async () => {
    if (await isUnfinishedCopy(db))
      throw new Refusal('DATABASE_URL leads to a copy that is not finished: run npm run db:copy again, or use an empty database')
    const deps = await createDeps(config, { db, migrations, log, peerOf: platform.peerOf, assets: readAssets(), about })
    maintainHourly(deps)
    return createApp(deps)
  }
  const app = missing.length > 0 ? waitForMigrations({ db, migrations, log }, start) : await start()
  const { host } = config
  const listening = await platform.listen(app, { host, port: config.port, log }).catch((error: unknown) => {
    throw refusalToListen(error, config)
  })
  shutDownOnSignal(listening, () => db.close())
  const { port } = listening
  // For whoever runs it only: no page and no answer says where the data is.
  const file = place.kind === 'file' ? { file: place.path } : {}
  log.info('started', { version, runtime: about.runtime, engine, durability: durability.kind, port, migrations: applied, ...file })
  if (missing.length > 0) log.warning('the database has to be migrated before it can be used', { missing })
  if (durability.kind === 'ephemeral') log.warning('the data is not kept', { reason: durability.reason })
  // For people, on the other stream: standard output is JSON lines.
  console.error(
    `Taskport ${version} is at ${addressOf(host, port)}. ${durability.reason}${place.kind === 'file' ? ` It is ${place.path}.` : ''}`,
  )
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
