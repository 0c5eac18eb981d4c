import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clientsOf } from '../support/client.ts'
import { until } from '../support/size.ts'
import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf, startProcess } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start')
const start = starterOf(...command)
describeRuntime({ name: 'Node, the bundle', usual: true, databases: DATABASES, start })
describeMachine('Node, the bundle', ...command)

test('who asks and does not take the answers is cut off before they fill a small memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-unsent-'))
  const [node, args] = command
  const env = { PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder, RATE_LIMIT: 'off' }
  const service = await startProcess(node, ['--max-old-space-size=200', ...args], env)
  onTestFinished(async () => {
    await service.stop()
    rmSync(folder, { recursive: true })
  })
  const ann = await clientsOf((path, init) => fetch(`${service.url}${path}`, init)).register('Ann')
  const task = { title: 'Long', description: 'abcdefgh '.repeat(1_820) }
  for (let i = 0; i < 20; i++)
    await Promise.all(Array.from({ length: 10 }, () => ann.post('/api/v1/tasks', task)))
  const ask = `GET /api/v1/tasks?limit=28 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${ann.token}\r\n\r\n`
  const port = Number(new URL(service.url).port)
  // 1 GB of answers, of which each connection is sent one at a time: 100 MB. Larger pages would wait
  // for each other.
  const greedy = Array.from({ length: 200 }, (): Socket => {
    const socket = connect(port, '127.0.0.1')
    socket.pause().write(ask.repeat(10))
    return socket.on('error', () => {})
  })
  onTestFinished(() => {
    for (const socket of greedy) socket.destroy()
  })
  // A socket that is not read from learns that it was cut off when it writes; an empty line ahead
  // of a request says nothing.
  const isCut = (socket: Socket): boolean => {
    if (socket.writable) socket.write('\r\n')
    return socket.destroyed
  }
  const { child } = service
  await until(
    () => child.exitCode !== null || child.signalCode !== null || greedy.filter(isCut).length > 0,
  )
  const short = await ann.get('/api/v1/tasks?limit=1')
  expect([short.status, short.body.items.length]).toEqual([200, 1])
})
