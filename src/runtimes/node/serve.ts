import { type App, createApp } from '../../app.ts'
import type { Config } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { isUnfinishedCopy } from '../../db/copy/mark.ts'
import { createDeps } from '../../deps.ts'
import type { About } from '../../http/deps.ts'
import { durabilityNow } from '../../http/durability.ts'
import { version } from '../../version.ts'
import { readAssets } from './assets.ts'
import { openDatabase } from './database.ts'
import { maintainHourly, refusalToListen, shutDownOnSignal } from './lifecycle.ts'
import { createBufferedLog } from './log.ts'
import type { Place } from './place.ts'
import type { Listening, Platform } from './platform.ts'
import { Refusal } from './refusal.ts'
import { createFront, waitForMigrations } from './waiting.ts'

/** Opens the database at `place` and serves until a signal ends it; answers when it listens and has it. Throws Refusal. */
export const serve = async (config: Config, place: Place, platform: Platform): Promise<void> => {
  const log = createBufferedLog(config.logLevel)
  const { backup, host } = config
  const listen = (app: App): Promise<Listening> =>
    platform.listen(app, { host, port: config.port, log }).catch((error: unknown) => {
      throw refusalToListen(error, config)
    })
  const copied = backup !== undefined && place.kind === 'file' ? { config, backup, place, log } : undefined
  // Whoever may have to wait for another process, or for a copy, listens first and says so.
  const front = copied && createFront('The database is being restored, or another process still has it.')
  const early = front && (await listen(front))
  const turn = copied && (await (await import('./backup/copies.ts')).takeTurn(copied))

  const { db: plain, migrations, applied, missing, engine } = await openDatabase(place, config)
  const keeper = turn?.keep(plain, () => void shutDown())
  const db = keeper?.db ?? plain
  const about: About = {
    ...{ version, runtime: platform.name, engine, startedAt: Math.round(performance.timeOrigin) },
    ...{ durability: place.durability, ...(keeper && { copies: keeper.copies }) },
  }
  const start = async () => {
    if (await isUnfinishedCopy(db))
      throw new Refusal('DATABASE_URL leads to a copy that is not finished: run npm run db:copy again, or use an empty database')
    const deps = await createDeps(config, { db, migrations, log, peerOf: platform.peerOf, assets: readAssets(), about })
    maintainHourly(deps)
    return createApp(deps)
  }
  const app = missing.length > 0 ? waitForMigrations({ db, migrations, log }, start) : await start()
  front?.show(app)
  const listening = early ?? (await listen(app))
  const close = async () => {
    const kept = await keeper?.stop()
    await plain.close()
    return kept !== false
  }
  const shutDown = shutDownOnSignal(listening, { copies: keeper !== undefined, close })
  keeper?.start()
  const { port } = listening
  const durability = await durabilityNow(about, systemClock)
  // For whoever runs it only: no page and no answer says where the data is.
  const file = place.kind === 'file' ? { file: place.path } : {}
  log.info('started', { version, runtime: about.runtime, engine, durability: durability.kind, port, migrations: applied, ...file })
  if (missing.length > 0) log.warning('the database has to be migrated before it can be used', { missing })
  if (durability.kind === 'ephemeral') log.warning('the data is not kept', { reason: durability.reason })
  // For people, on the other stream: standard output is JSON lines.
  const where = place.kind === 'file' ? ` The file is ${place.path}.` : ''
  console.error(`Taskport ${version} is at ${addressOf(host, port)}. ${durability.reason}${where}`)
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
