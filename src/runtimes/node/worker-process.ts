// A worker: answers requests on the connections that the first process hands to it. workers/first.ts starts it.
import type { Socket } from 'node:net'
import { createApp } from '../../app.ts'
import { parseConfig } from '../../config.ts'
import { openFileToRead } from '../../db/open/file.ts'
import { createDeps } from '../../deps.ts'
import { readAssets } from './assets.ts'
import { openDatabase } from './database.ts'
import { makePrivately } from './filesystem.ts'
import { WAITING } from './holding.ts'
import { createBufferedLog } from './log.ts'
import { Refusal } from './refusal.ts'
import { node, serveConnections } from './server.ts'
import { createFront } from './waiting.ts'
import { sendBatches } from './workers/batches.ts'
import { createPeer } from './workers/calls.ts'
import type { FirstDuties, WorkerDuties } from './workers/duties.ts'
import { createSiblings } from './workers/siblings.ts'

// Whoever ends the service tells the first process; what reaches all processes of a terminal is not said twice.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
// Killed, the first process leaves nobody behind.
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)

makePrivately()
const config = parseConfig(process.env)
const log = createBufferedLog(config.logLevel)
const front = createFront(WAITING)
const serving = serveConnections(front, log)
let close = async () => {}

const { siblings, heard } = createSiblings(() => first)
const duties: WorkerDuties = {
  wait: (reason) => front.wait(reason),
  open: async ({ place, about, copied }) => {
    try {
      const openFile = (path: string) => openFileToRead(path, sendBatches(first))
      const { db, migrations } = await openDatabase(place, { ...config, migrate: 'off', openFile })
      close = db.close
      const said = { ...about, ...(copied && { copies: () => first.ask('copies') }) }
      const { peerOf } = node
      front.show(createApp(await createDeps(config, { db, migrations, log, peerOf, assets: readAssets(), siblings, about: said })))
      return null
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  },
  ...heard,
  drain: async (graceMs) => {
    await serving.drain(graceMs)
    await close()
    process.exit(0)
  },
}
const first = createPeer<FirstDuties>((message) => process.send?.(message), duties)

process.on('message', (message: unknown, socket?: Socket) => (socket ? serving.take(socket) : first.hear(message)))
void first.ask('up')
