// Taskport on Node: the environment in, a server out.
import { getLogger } from '@logtape/logtape'
import { createApp } from '../app.ts'
import { ConfigError, parseConfig } from '../config.ts'
import { createDeps } from '../deps.ts'
import { readAssets } from './node/assets.ts'
import { openDatabase } from './node/database.ts'
import { listen, shutDownOnSignal } from './node/lifecycle.ts'
import { configureLog } from './node/log.ts'
import { Refusal } from './node/refusal.ts'
import { createHttpServer, peerOf } from './node/server.ts'

const start = async (): Promise<void> => {
  const startedAt = Math.round(performance.timeOrigin)
  const config = parseConfig(process.env)
  configureLog(config.logLevel)
  const log = getLogger('taskport')
  const { db, migrations, engine, durability, applied } = await openDatabase(config)
  const about = { runtime: `node ${process.versions.node}`, engine, durability, startedAt }
  const deps = await createDeps(config, { db, migrations, log, peerOf, assets: readAssets(), about })
  const server = createHttpServer(createApp(deps), log)
  const port = await listen(server, config)
  shutDownOnSignal(server, () => db.close())
  log.info('started', { ...about, version: deps.about.version, port, migrations: applied })
  if (durability.kind === 'ephemeral') log.warning('the data is not kept', { reason: durability.reason })
  // For people, on the other stream: standard output is JSON lines.
  console.error(`Taskport ${deps.about.version} is at ${addressOf(config.host, port)}. ${durability.reason}`)
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

try {
  await start()
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof Refusal)) throw error
  for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
  process.exit(1)
}
