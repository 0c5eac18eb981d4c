import type { Socket } from 'node:net'
import { createApp } from '../../../app.ts'
import { parseConfig } from '../../../config.ts'
import { createDeps } from '../../../deps.ts'
import { readAssets } from '../assets.ts'
import { openDatabase } from '../database.ts'
import { exitOnUncaught } from '../ending.ts'
import { makePrivately } from '../filesystem.ts'
import { createBufferedLog } from '../log.ts'
import { createFront, STARTING } from '../readiness-gate.ts'
import { Refusal } from '../refusal.ts'
import type { node, serveConnections } from '../server.ts'
import { createSiblings } from './broadcast.ts'
import type { FirstDuties, WorkerDuties } from './protocol.ts'
import { createPeer } from './rpc.ts'
import { sendBatches } from './write-forwarding.ts'

type Server = { readonly node: typeof node; readonly serveConnections: typeof serveConnections }

/**
 * Answers requests on the connections that the first process hands over, until that says that it is
 * enough.
 */
export const work = ({ node: { peerOf, receiveBody }, serveConnections }: Server): void => {
  makePrivately()
  const config = parseConfig(process.env)
  const log = createBufferedLog(config.logLevel)
  exitOnUncaught(log)
  const front = createFront(STARTING)
  const serving = serveConnections(front, { ...config, log })
  let close = async () => {}

  const { siblings, heard } = createSiblings(() => first)
  const open: WorkerDuties['open'] = async ({ place, about: said, copied }) => {
    const writer = { atomic: sendBatches(first), storage: () => first.ask('storage') }
    const { db, migrations } = await openDatabase(place, {
      ...config,
      bounds: { ...config, log },
      migrate: 'off',
      writer,
    })
    const about = { ...said, ...(copied && { copies: () => first.ask('copies') }) }
    try {
      front.show(
        createApp(
          await createDeps(config, {
            db,
            migrations,
            log,
            peerOf,
            receiveBody,
            assets: readAssets(),
            siblings,
            about,
          }),
        ),
      )
    } catch (error) {
      await db.close()
      throw error
    }
    close = db.close
    return null
  }
  const duties: WorkerDuties = {
    ...heard,
    wait: (reason) => front.wait(reason),
    open: (opening) =>
      open(opening).catch((error: unknown) => {
        if (error instanceof Refusal) return error.message
        throw error
      }),
    drain: async (graceMs) => {
      await serving.drain(graceMs)
      await close()
      process.exit(0)
    },
  }
  const first = createPeer<FirstDuties>((message) => process.send?.(message), duties)
  process.on('message', (message: unknown, socket?: Socket) =>
    socket ? serving.take(socket) : first.hear(message),
  )
  void first.ask('up')
}
