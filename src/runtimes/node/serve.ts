import { getLogger } from '@logtape/logtape'
import { createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { isUnfinishedCopy } from '../../db/copy/mark.ts'
import { createDeps } from '../../deps.ts'
import { version } from '../../version.ts'
import { readAssets } from './assets.ts'
import { openDatabase } from './database.ts'
import { listen, maintainHourly, shutDownOnSignal } from './lifecycle.ts'
import { configureLog } from './log.ts'
import type { Place } from './place.ts'
import { Refusal } from './refusal.ts'
import { createHttpServer, peerOf } from './server.ts'
import { waitForMigrations } from './waiting.ts'

/** Opens the database at `place` and serves until a signal ends it; answers when it listens. Throws Refusal. */
export const serve = async (config: Config, place: Place): Promise<void> => {
  configureLog(config.logLevel)
  const log = getLogger('taskport')
  const { durability } = place
  const { db, migrations, applied, missing, engine } = await openDatabase(place, config)
  const about = { version, runtime: `node ${process.versions.node}`, engine, durability, startedAt: Math.round(performance.timeOrigin) }
  const start = async () => {
    if (await isUnfinishedCopy(db))
      throw new Refusal('DATABASE_URL leads to a copy that is not finished: run npm run db:copy again, or use an empty database')
    const deps = await createDeps(config, { db, migrations, log, peerOf, assets: readAssets(), about })
    maintainHourly(deps)
    return createApp(deps)
  }
  const server = createHttpServer(missing.length > 0 ? waitForMigrations({ db, migrations, log }, start) : await start(), log)
  const port = await listen(server, config)
  shutDownOnSignal(server, () => db.close())
  log.info('started', { version, runtime: about.runtime, engine, durability: durability.kind, port, migrations: applied })
  if (missing.length > 0) log.warning('the database has to be migrated before it can be used', { missing })
  if (durability.kind === 'ephemeral') log.warning('the data is not kept', { reason: durability.reason })
  // For people, on the other stream: standard output is JSON lines.
  console.error(`Taskport ${version} is at ${addressOf(config.host, port)}. ${durability.reason}`)
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
