import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { clientsOf } from '../support/client.ts'
import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf, startProcess } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start')
describeRuntime({ name: 'Node, the bundle', databases: DATABASES, start: starterOf(...command) })
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
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 10 }, () => ann.post('/api/v1/tasks', task)))
  const ask = `GET /api/v1/tasks?limit=200 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${ann.token}\r\n\r\n`
  const port = Number(new URL(service.url).port)
  // 1.3 GB of answers.
  const greedy = Array.from({ length: 40 }, (): Socket => {
    const socket = connect(port, '127.0.0.1')
    socket.pause().write(ask.repeat(10))
    return socket.on('error', () => {})
  })
  onTestFinished(() => {
    for (const socket of greedy) socket.destroy()
  })
  const { child, said } = service
  const isDone = () => child.exitCode !== null || child.signalCode !== null || said().split('"operation":"listTasks"').length > 400
  while (!isDone()) await Promise.race([once(child.stdout as Readable, 'data'), once(child, 'close')])
  const short = await ann.get('/api/v1/tasks?limit=1')
  expect([short.status, short.body.items.length]).toEqual([200, 1])
  for (const socket of greedy) socket.resume()
  await Promise.any(greedy.map((socket) => once(socket, 'close')))
})
