// The last line of the log says why a process has ended, whichever way it did.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import {
  type Run,
  run,
  runTaskport,
  startTaskport,
  temporaryFolder,
} from '../../support/process.ts'
import { freePort } from '../../support/servers/process.ts'
import { startS3 } from '../../support/servers/s3.ts'
import { until } from '../../support/size.ts'

const lastLine = ({ out }: Run) =>
  JSON.parse(out().trimEnd().split('\n').at(-1) ?? '') as Record<string, any>

test.each(['SIGTERM', 'SIGINT'] as const)('%s', async (signal) => {
  const service = await startTaskport()
  service.child.kill(signal)
  expect(await service.exit).toBe(0)
  expect(lastLine(service)).toMatchObject({
    level: 'info',
    message: 'the process ends',
    reason: signal,
    code: 0,
  })
})

test('a signal that comes seconds after the first, while a request still runs', async () => {
  const service = await startTaskport({ SHUTDOWN_SECONDS: '3600' })
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  socket
    .on('error', () => {})
    .write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    )
  await once(socket, 'data')
  service.child.kill('SIGTERM')
  await until(() => {
    service.child.kill('SIGTERM')
    return service.child.exitCode !== null
  })
  expect(await service.exit).toBe(143)
  socket.destroy()
  expect(lastLine(service)).toMatchObject({
    level: 'error',
    reason: 'a second signal: SIGTERM',
    code: 143,
  })
})

test('a refusal to start, before and after the log is set up', async () => {
  const malformed = runTaskport({ DATABASE_URL: 'nonsense', DATA_DIR: temporaryFolder() })
  expect(await malformed.exit).toBe(1)
  expect(lastLine(malformed)).toMatchObject({
    level: 'error',
    message: 'the process ends',
    reason: expect.stringMatching(/^DATABASE_URL /),
  })
  const other = await startTaskport()
  const taken = runTaskport({
    PORT: new URL(other.url).port,
    HOST: '127.0.0.1',
    DATA_DIR: temporaryFolder(),
  })
  expect(await taken.exit).toBe(1)
  expect(lastLine(taken)).toMatchObject({
    reason: expect.stringMatching(/is taken by another process/),
    code: 1,
  })
})

test('an error that nothing catches: a line of the log, and no source code', async () => {
  const throwing =
    "data:text/javascript,process.on('SIGUSR2', () => { throw new Error('unforeseen') })"
  const env = { PORT: '0', HOST: '127.0.0.1', DATA_DIR: temporaryFolder() }
  const service = run(process.execPath, ['--import', throwing, 'src/runtimes/node.ts'], env)
  await until(() => / is at http/.test(service.err()))
  const before = service.err()
  service.child.kill('SIGUSR2')
  expect(await service.exit).toBe(1)
  expect(lastLine(service)).toMatchObject({
    level: 'error',
    reason: 'an error that nothing caught',
    error: { message: 'unforeseen' },
  })
  expect(service.err()).toBe(before)
})

test('SIGTERM while it waits for a bucket', async () => {
  const s3 = await startS3()
  s3.troubles = [{ matches: () => true, status: 503 }]
  const service = runTaskport({
    ...s3.env(),
    PORT: String(await freePort()),
    HOST: '127.0.0.1',
    DATA_DIR: temporaryFolder(),
  })
  await until(() => s3.log.length > 0)
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  await s3.close()
  expect(lastLine(service)).toMatchObject({ reason: 'SIGTERM', code: 0 })
})

/** The processes that a process has started. */
const childrenOf = (pid: number | undefined): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )

test.skipIf(process.platform !== 'linux')(
  'workers that end again and again, said by the first process',
  async () => {
    const service = await startTaskport({ WORKERS: '6' })
    for (const worker of childrenOf(service.child.pid)) process.kill(worker, 'SIGKILL')
    expect(await service.exit).toBe(1)
    expect(lastLine(service)).toMatchObject({
      level: 'error',
      reason: 'the workers end again and again',
      code: 1,
    })
  },
)
