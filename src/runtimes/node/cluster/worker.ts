import type { Socket } from 'node:net'
import { createApp } from '../../../app.ts'
import { type Config, parseConfig } from '../../../config.ts'
import type { Broadcast } from '../../../core/broadcast.ts'
import { createDeps } from '../../../deps.ts'
import type { Deps } from '../../../http/deps.ts'
import { readAssets } from '../assets.ts'
import { compression } from '../compression.ts'
import { openDatabase } from '../database.ts'
import { makePrivately } from '../filesystem.ts'
import { createBufferedLog, type LogFormat } from '../log.ts'
import { exitOnUncaught } from '../process-exit.ts'
import { watchProcess } from '../process-figures.ts'
import { createReadinessGate, STARTING } from '../readiness-gate.ts'
import { Refusal } from '../refusal.ts'
import type { node, serveConnections } from '../server.ts'
import { createTargets } from '../webhooks/targets.ts'
import { createBroadcast } from './broadcast.ts'
import type { Opening, PrimaryMethods, WorkerMethods } from './protocol.ts'
import { createPeer, type Peer } from './rpc.ts'
import { sendBatches } from './write-forwarding.ts'

type Server = { readonly node: typeof node; readonly serveConnections: typeof serveConnections }

/** Answers requests on the connections that the first process hands over, until it says `drain`. */
export const work = ({ node, serveConnections }: Server): void => {
  makePrivately()
  const config = parseConfig(process.env)
  const log = createBufferedLog(config.logLevel, process.argv[2] as LogFormat)
  exitOnUncaught(log)
  const gate = createReadinessGate(STARTING, log)
  const serving = serveConnections(gate, { ...config, log })
  let close = async () => {}
  let end = () => {}

  const { broadcast, handlers } = createBroadcast(() => primary)
  const methods: WorkerMethods = {
    ...handlers,
    wait: (reason) => gate.wait(reason),
    open: async (opening) => {
      try {
        const { app, db, endStreams } = await openService(
          { config, log, node, broadcast, primary },
          opening,
        )
        gate.open(app)
        close = db.close
        end = endStreams
        return null
      } catch (error) {
        if (error instanceof Refusal) return error.message
        throw error
      }
    },
    drain: async (graceMs) => {
      end()
      await serving.drain(graceMs)
      await close()
      process.exit(0)
    },
  }
  const primary = createPeer<PrimaryMethods>((message) => process.send?.(message), methods)
  process.on('message', (message: unknown, socket?: Socket) =>
    socket ? serving.take(socket) : primary.receive(message),
  )
  void primary.call('up')
}

type Parts = {
  readonly config: Config
  readonly log: Deps['log']
  readonly node: Server['node']
  readonly broadcast: Broadcast
  readonly primary: Peer<PrimaryMethods>
}

/** Opens the database to read it. Batches of writes go to the first process. Throws Refusal. */
const openService = async (parts: Parts, { target, about, backups }: Opening) => {
  const { config, log, node, broadcast, primary } = parts
  const writer = { atomic: sendBatches(primary), storage: () => primary.call('storage') }
  const { db, migrations } = await openDatabase(target, {
    ...config,
    bounds: { ...config, log },
    migrate: 'off',
    writer,
  })
  try {
    const deps = await createDeps(config, {
      db,
      migrations,
      log,
      peerOf: node.peerOf,
      receiveBody: node.receiveBody,
      assets: readAssets(),
      compression,
      watchProcess,
      broadcast,
      replicas: target.kind === 'server',
      targets: createTargets({ allowed: config.webhookHosts }),
      jobReports: () => primary.call('jobs'),
      about: { ...about, ...(backups && { backups: () => primary.call('backups') }) },
    })
    return { app: createApp(deps), db, endStreams: () => deps.grown?.end() }
  } catch (error) {
    await db.close()
    throw error
  }
}
