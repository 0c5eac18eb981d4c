// A service at one address, that a client can have taken away, killed, and brought back with another
// generation of sync tokens.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startTaskport, temporaryFolder } from '../../support/process.ts'

/** As docs/sync.md says it. */
const FORGET = "delete from settings where name = 'sync_generation'"
const forget = (file: string): void => {
  const program = `const { DatabaseSync } = require('node:sqlite')
    new DatabaseSync(process.argv[1]).exec(process.argv[2])`
  execFileSync(process.execPath, ['--no-warnings', '-e', program, file, FORGET])
}

/** Addresses of the service and of its control; the control also serves a page, for a browser. */
export const startControlled = async (): Promise<{ url: string; control: string }> => {
  const DATA_DIR = temporaryFolder()
  const start = () => startTaskport({ DATA_DIR, RATE_LIMIT: 'off' })
  let service = await start()
  let isCut = false
  const sockets = new Set<Socket>()
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const door = createTcpServer((client) => {
    if (isCut) {
      client.destroy()
      return
    }
    const upstream = connect(Number(new URL(service.url).port), '127.0.0.1')
    for (const [socket, partner] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {}).pipe(partner)
      socket.on('close', () => {
        sockets.delete(socket)
        partner.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  const again = async (signal: 'SIGKILL' | 'SIGTERM', meanwhile = () => {}) => {
    service.child.kill(signal)
    await service.exit
    meanwhile()
    service = await start()
  }
  const actions: Readonly<Record<string, () => unknown>> = {
    cut: () => {
      isCut = true
      destroyAll()
    },
    restore: () => {
      isCut = false
    },
    kill: () => again('SIGKILL'),
    forget: () => again('SIGTERM', () => forget(join(DATA_DIR, 'taskport.db'))),
    page: () => {},
  }
  const controller = createServer(async ({ url = '/' }, response) => {
    const action = actions[url.slice(1)]
    await action?.()
    response.writeHead(action ? 200 : 404, {
      'Access-Control-Allow-Origin': '*',
      'Content-Type': 'text/html',
    })
    response.end('<title>client</title>')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    door.close()
    destroyAll()
    controller.close()
    controller.closeAllConnections()
  })
  await Promise.all([once(door, 'listening'), once(controller, 'listening')])
  const at = (server: { address(): unknown }) =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: at(door), control: at(controller) }
}
