import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import postgres from 'postgres'
import { expect, inject, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { enter } from '../soak/person.ts'
import { run, temporaryFolder } from '../support/process.ts'
import {
  type Caller,
  caller,
  callers,
  childrenOf,
  enterBy,
  isOver,
  startCluster,
  untilSaid,
} from './cluster.ts'
import { commandOf } from './process.ts'

const inFolder = () => ({ DATA_DIR: temporaryFolder() })
const count = (text: string, part: string | RegExp) => text.split(part).length - 1

test('it starts once: one line for people, one migration, a port that all share, and connections go to the processes in turn', async () => {
  const { url, said, workers, stop } = await startCluster({ ...inFolder(), LOG_LEVEL: 'debug' })
  expect(workers()).toHaveLength(2)
  const all = await callers(url, 9)
  process.kill(workers()[0]!, 'SIGKILL')
  const answers = await Promise.allSettled(all.map(({ ask }) => ask('GET', '/health')))
  expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(3)
  expect(await stop()).toBe(0)
  expect(count(said(), ' is at http://')).toBe(1)
  expect(count(said(), '"message":"started"')).toBe(1)
  expect(said()).toMatch(/"migrations":\["0000_[^\]]*\],"workers":3/)
})

test('what is revoked at one process is refused at the others as soon as it is answered', async () => {
  const { url } = await startCluster(inFolder())
  const all = await callers(url, 4)
  const [first, second] = all as [Caller, Caller]
  await enterBy(first, 'ada', 'register')
  const statuses = (headers: Record<string, string>, path: string) =>
    Promise.all(all.map(async ({ ask }) => (await ask('GET', path, undefined, headers)).status))
  for (let round = 0; round < 10; round++) {
    const session = await enterBy(first, 'ada', 'login')
    const { body } = await first.ask(
      'POST',
      '/api/v1/api-keys',
      { name: 'k', scopes: ['tasks:read'] },
      session,
    )
    const key = { 'X-API-Key': body.key }
    expect(await statuses(key, '/api/v1/tasks')).toEqual([200, 200, 200, 200])
    expect(
      (await second.ask('DELETE', `/api/v1/api-keys/${body.id}`, undefined, session)).status,
    ).toBe(204)
    expect(await statuses(key, '/api/v1/tasks')).toEqual([401, 401, 401, 401])
    expect(await statuses(session, '/api/v1/me')).toEqual([200, 200, 200, 200])
    expect(
      (await (round % 2 ? first : second).ask('POST', '/api/v1/auth/logout', undefined, session))
        .status,
    ).toBe(204)
    expect(await statuses(session, '/api/v1/me')).toEqual([401, 401, 401, 401])
  }
})

test('who writes at one process reads it at the others, and one key is one task', async () => {
  const { url } = await startCluster(inFolder())
  const all = await callers(url, 50)
  const [first] = all as [Caller]
  const session = await enterBy(first, 'ada', 'register')
  const key = { ...session, 'Idempotency-Key': 'k' }
  const made = await Promise.all(
    all.map(({ ask }) => ask('POST', '/api/v1/tasks', { title: 'Once' }, key)),
  )
  expect(new Set(made.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
  for (const [i, { ask }] of all.entries()) {
    const { body } = await ask('POST', '/api/v1/tasks', { title: `Task ${i}` }, session)
    const read = await all[(i + 1) % all.length]!.ask(
      'GET',
      `/api/v1/tasks/${body.id}`,
      undefined,
      session,
    )
    expect([read.status, read.body?.title]).toEqual([200, `Task ${i}`])
  }
  const { body } = await first.ask('GET', '/api/v1/tasks?limit=200', undefined, session)
  expect(body.items).toHaveLength(51)
})

test('what the database refuses is refused with the same words as in one process', async () => {
  const { url } = await startCluster({ ...inFolder(), QUOTA_LABELS: '1' })
  const { ask } = caller(url)
  const session = await enterBy({ ask }, 'ada', 'register')
  const again = await ask('POST', '/api/v1/auth/register', {
    email: 'ada@example.org',
    password: 'another heron on the pier',
  })
  expect([again.status, again.body.code]).toEqual([409, 'email_taken'])
  expect((await ask('POST', '/api/v1/labels', { name: 'a' }, session)).status).toBe(201)
  const twice = await ask('POST', '/api/v1/labels', { name: 'a' }, session)
  const over = await ask('POST', '/api/v1/labels', { name: 'b' }, session)
  expect([over.status, over.body.code]).toEqual([403, 'quota_exceeded'])
  expect([403, 409]).toContain(twice.status)
})

test('a worker that is killed is replaced, and nothing that was acknowledged is lost', async () => {
  const service = await startCluster(inFolder())
  const { url, workers } = service
  const ada = await enter(url, 'ada', 'register')
  const acknowledged: string[] = []
  let over = false
  const write = async (name: string) => {
    for (let number = 0; !over; number++)
      try {
        acknowledged.push((await ada.post(`${name} ${number}`)).body.id)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error // its worker was killed
      }
  }
  const writing = Promise.all(Array.from({ length: 8 }, (_, i) => write(`writer ${i}`)))
  for (let kills = 1; kills <= 3; kills++) {
    const then = acknowledged.length
    while (acknowledged.length < then + 100)
      await ada.get(acknowledged[0] ?? (await ada.post('first')).body.id).catch(() => {})
    const before = workers()
    process.kill(before[kills % 2]!, 'SIGKILL')
    await untilSaid(service, (said) => count(said, '"a worker serves again"') === kills)
    expect(workers().filter((pid) => before.includes(pid))).toHaveLength(1)
    expect(workers()).toHaveLength(2)
  }
  over = true
  await writing
  const there = new Set((await ada.tasks()).map(({ id }) => id))
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  expect(count(service.said(), '"message":"a worker has ended, and is replaced"')).toBe(3)
})

test('of the connections that wait for a worker when it dies, none hangs: others take them, and the one that it had is cut', async () => {
  const service = await startCluster(inFolder())
  const [stuck] = service.workers() as [number]
  process.kill(stuck, 'SIGSTOP')
  let answered = 0
  const asked = Array.from({ length: 9 }, async () => {
    await caller(service.url).ask('GET', '/health')
    answered++
  })
  const over = Promise.allSettled(asked)
  await expect.poll(() => answered, { timeout: 60_000 }).toBe(6)
  process.kill(stuck, 'SIGKILL')
  expect((await over).filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
  await untilSaid(service, (said) => said.includes('"a worker serves again"'))
  expect((await caller(service.url).ask('GET', '/health')).status).toBe(200)
})

test('a worker that dies while the service starts is replaced, too', async () => {
  const { child, err, exit } = run(...commandOf('start'), {
    WORKERS: '3',
    PORT: '0',
    HOST: '127.0.0.1',
    ...inFolder(),
  })
  const workers = () => childrenOf(child.pid as number)
  await expect.poll(() => workers().length, { interval: 1 }).toBeGreaterThan(0)
  process.kill(workers()[0]!, 'SIGKILL')
  await expect.poll(err, { timeout: 60_000 }).toMatch(/^Taskport \S+ is at http/)
  await expect.poll(() => workers().length, { timeout: 60_000 }).toBe(2)
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
})

test('connections that arrive when all workers have just died are answered by the first process, and by those that replace them', async () => {
  const service = await startCluster(inFolder())
  const { url, pid, workers } = service
  process.kill(pid, 'SIGSTOP') // so that it hears of everything at once
  for (const worker of workers()) process.kill(worker, 'SIGKILL')
  const asked = Array.from({ length: 9 }, () => caller(url).ask('GET', '/health'))
  const over = Promise.allSettled(asked)
  await new Promise((resolve) => setTimeout(resolve, 100)) // the system accepts them
  process.kill(pid, 'SIGCONT')
  expect((await over).filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(
    3,
  )
  await untilSaid(service, (said) => count(said, '"a worker serves again"') === 2)
  expect(workers()).toHaveLength(2)
  for (const { ask } of await callers(url, 3)) expect((await ask('GET', '/ready')).status).toBe(200)
})

test('workers that end again and again end the service, with 1 and a line', async () => {
  const service = await startCluster(inFolder())
  const { child, workers, said } = service
  const ended = once(child, 'close')
  for (let deaths = 1; deaths <= 5; deaths++) {
    process.kill(workers()[0]!, 'SIGKILL')
    if (deaths < 5)
      await untilSaid(
        service,
        (said) => count(said, '"message":"a worker serves again"') === deaths,
      )
  }
  expect((await ended)[0]).toBe(1)
  expect(said()).toMatch(/^taskport: the workers end again and again[^\n]*$/m)
})

test('a worker that cannot be started for want of descriptors is tried again, and the first process answers meanwhile', async () => {
  const service = await startCluster(inFolder())
  const { url, pid, workers } = service
  const all = await callers(url, 3)
  const limit = (descriptors: number) =>
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${descriptors}:`])
  limit(10)
  process.kill(workers()[0]!, 'SIGKILL')
  await untilSaid(service, (said) => said.includes('"a worker cannot be started"'))
  let ready = 0
  const asked = all.map(async ({ ask }) => {
    if ((await ask('GET', '/ready')).status === 200) ready++
  })
  const over = Promise.allSettled(asked) // one of them has lost its connection
  await expect.poll(() => ready, { timeout: 60_000 }).toBe(2)
  limit(1_000)
  await over
  await untilSaid(service, (said) => said.includes('"a worker serves again"'))
  expect(workers()).toHaveLength(2)
  for (const { ask } of await callers(url, 3)) expect((await ask('GET', '/ready')).status).toBe(200)
})

test('the first process killed, no worker is left', async () => {
  const { child, workers } = await startCluster(inFolder())
  const before = workers()
  child.kill('SIGKILL')
  await once(child, 'close') // when nobody has its output any more
  await expect.poll(() => before.filter((pid) => !isOver(pid)), { timeout: 60_000 }).toEqual([])
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to all processes at once lets finish what runs, and ends them with 0',
  async (signal) => {
    const { child, url, workers, said } = await startCluster({ ...inFolder(), LOG_LEVEL: 'info' })
    const all = await callers(url, 4)
    const ended = once(child, 'close')
    // takes scrypt its time
    const registering = all.map((one, i) => enterBy(one, `person${i}`, 'register'))
    await caller(url).ask('GET', '/health')
    for (const pid of [...workers(), child.pid as number]) process.kill(pid, signal)
    expect(
      (await Promise.all(registering)).map(({ Authorization }) => typeof Authorization),
    ).toEqual(Array(4).fill('string'))
    expect((await ended)[0]).toBe(0)
    expect(said()).not.toContain('a worker has ended')
  },
)

test.skipIf(!inject('servers').postgres)(
  'a worker that could not open the database opens it when it can',
  async () => {
    const admin = postgres(inject('servers').postgres as string, { max: 1, onnotice: () => {} })
    const name = `t_${randomUUID().replaceAll('-', '')}`
    await admin.unsafe(`create role ${name} login connection limit 2`)
    await admin.unsafe(`create database ${name} owner ${name}`)
    const { host } = new URL(inject('servers').postgres as string)
    const DATABASE_URL = `postgres://${name}@${host}/${name}`
    onTestFinished(async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.unsafe(`drop role ${name}`)
      await admin.end()
    })
    const service = await startCluster({ DATABASE_URL, MIGRATE: 'off' })
    const place = findDatabaseTarget({
      databaseUrl: DATABASE_URL,
      dataDir: undefined,
      spaceId: undefined,
    })
    await (await openDatabase(place, { databasePoolSize: 1, migrate: 'auto' })).db.close()
    // the first process has one connection or both
    await untilSaid(service, (said) => said.includes('"the database cannot be used yet"'))
    await admin.unsafe(`alter role ${name} connection limit -1`)
    await untilSaid(service, (said) => said.includes('"the database has been migrated"'))
    for (const { ask } of await callers(service.url, 2))
      expect((await ask('GET', '/ready')).status).toBe(200)
    expect(service.said()).not.toContain('a worker has ended')
  },
)

test('a database that backs itself up: every process is ready, and says how its backups are', async () => {
  const { url } = await startCluster({ ...inFolder(), BACKUP_URL: `file:${temporaryFolder()}` })
  const all = await callers(url, 3)
  const session = await enterBy(all[0]!, 'ada', 'register')
  await all[1]!.ask('POST', '/api/v1/tasks', { title: 'x' }, session)
  for (const { ask } of all) {
    expect((await ask('GET', '/ready')).status).toBe(200)
    const { backup: backups } = (await ask('GET', '/status')).body
    expect(backups).toMatchObject({
      failures: 0,
      encrypted: backups.last_at === null ? null : false,
    })
    expect(backups.unsaved_seconds ?? backups.age_seconds).not.toBeNull()
  }
})

const refused = async (
  env: Record<string, string>,
  command: readonly [string, readonly string[]] = commandOf('start'),
) => {
  const { exit, err, out } = run(...command, {
    HOST: '127.0.0.1',
    PORT: '0',
    WORKERS: '2',
    HOME: process.env['HOME'] ?? '',
    ...inFolder(),
    ...env,
  })
  expect(await exit).toBe(1)
  expect(err()).toMatch(/^taskport: [^\n]+\n$/)
  const reason = err().slice('taskport: '.length, -1)
  expect(JSON.parse(out())).toMatchObject({ message: 'the process ends', reason, code: 1 })
  return err()
}

test('what does not fit is said once, in one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  expect(await refused({ PORT: String((taken.address() as AddressInfo).port) })).toMatch(
    /^taskport: PORT \d+ is taken by another process/,
  )
  taken.close()
  expect(await refused({ DATABASE_REPLICA: 'file:x.db' })).toMatch(
    /^taskport: DATABASE_REPLICA is not supported any more, /,
  )
  expect(await refused({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' })).toMatch(
    /cannot be reached/,
  )
})

test.each(['start:bun', 'start:deno'] as const)(
  '%s has one process, and says so',
  async (script) => {
    for (const WORKERS of ['2', 'auto'])
      expect(await refused({ WORKERS }, commandOf(script))).toMatch(
        /^taskport: WORKERS is for Node only: /,
      )
  },
)
