// Weighs what of a request's memory is not collected at once, for test/service/costs.test.ts: what
// of it grows old is dear, and what it refers to grows old with it. In a process of its own, whose
// young generation is small, over real connections.
import { once } from 'node:events'
import type { HeapProfiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { connect } from 'node:net'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import { lastTag } from '../../src/db/migrate.ts'
import { openFile } from '../../src/db/open/file.ts'
import { createDeps } from '../../src/deps.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { node } from '../../src/runtimes/node/server.ts'
import { clientsOf } from './client.ts'
import { stillClock } from './still-clock.ts'

const CONNECTIONS = 16
const WARM_UP = 2_000
const REQUESTS = 5_000
const SAMPLING_BYTES = 4096

const migrations = readMigrations('sqlite')
const db = openFile(':memory:', { lastMigration: lastTag(migrations) })
await db.migrate(migrations)
const config = parseConfig({ RATE_LIMIT_PER_USER: '1000000' })
const log = createLog('info', () => {}, stillClock)
const app = createApp(
  await createDeps(config, {
    db,
    clock: stillClock,
    peerOf: () => '127.0.0.1',
    receiveBody: node.receiveBody,
    log,
  }),
)
const listening = await node.listen(app, { ...config, host: '127.0.0.1', port: 0, log })
const ann = await clientsOf((path, init) =>
  fetch(`http://127.0.0.1:${listening.port}${path}`, init),
).register('Ann')
const path = `/api/v1/tasks/${(await ann.post('/api/v1/tasks', { title: 'Sweep the chimney' })).body.id}`

const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ann.token}\r\n\r\n`
const OK = Buffer.from('HTTP/1.1 200 ')

/**
 * Asks over several connections, each again when it has its answer, which is small enough to come
 * in one piece.
 */
const ask = async (requests: number): Promise<void> => {
  let asked = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(listening.port, '127.0.0.1')
      while (asked++ < requests) {
        socket.write(request)
        const [answer] = (await once(socket, 'data')) as [Buffer]
        if (!answer.subarray(0, OK.length).equals(OK)) throw new Error(answer.toString())
      }
      socket.destroy()
    }),
  )
}

await ask(WARM_UP)
globalThis.gc?.() // what is there now is old from here on
const session = new Session()
session.connect()
// What outlives a collection of the young generation, whether or not it is collected later.
await session.post('HeapProfiler.startSampling', {
  samplingInterval: SAMPLING_BYTES,
  includeObjectsCollectedByMajorGC: true,
})
await ask(REQUESTS)
const { profile } = await session.post('HeapProfiler.stopSampling')
const sizeOf = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
  children.reduce((sum, child) => sum + sizeOf(child), selfSize)
const bytes = sizeOf(profile.head)
process.stdout.write(JSON.stringify({ bytes: bytes / REQUESTS }))
await listening.drain(0)
await db.close()
