import { getLogger } from '@logtape/logtape'
import { createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { createDeps } from '../../deps.ts'
import { readAssets } from './assets.ts'
import { openDatabase } from './database.ts'
import { listen, maintainHourly, shutDownOnSignal } from './lifecycle.ts'
import { configureLog } from './log.ts'
import type { Place } from './place.ts'
import { createHttpServer, peerOf } from './server.ts'

/** Opens the database at `place` and serves until a signal ends it; answers when it listens. Throws Refusal. */
export const serve = async (config: Config, place: Place): Promise<void> => {
  configureLog(config.logLevel)
  const log = getLogger('taskport')
  const { durability } = place
  const { db, migrations, applied, engine } = await openDatabase(place)
  const about = { runtime: `node ${process.versions.node}`, engine, durability, startedAt: Math.round(performance.timeOrigin) }
  const deps = await createDeps(config, { db, migrations, log, peerOf, assets: readAssets(), about })
  const server = createHttpServer(createApp(deps), log)
  const port = await listen(server, config)
  shutDownOnSignal(server, () => db.close())
  maintainHourly(deps)
  const { version } = deps.about
  log.info('started', { version, runtime: about.runtime, engine, durability: durability.kind, port, migrations: applied })
  if (durability.kind === 'ephemeral') log.warning('the data is not kept', { reason: durability.reason })
  // For people, on the other stream: standard output is JSON lines.
  console.error(`Taskport ${version} is at ${addressOf(config.host, port)}. ${durability.reason}`)
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
