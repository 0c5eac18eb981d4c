// Accounts that begin as many uploads as they can and finish none: what the process takes in
// memory, and what others notice.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { commandOf, startProcess } from '../runtimes/process.ts'
import { temporaryFolder } from '../support/process.ts'
import { isSmall } from '../support/size.ts'

/** Unfinished requests of each account. */
const UPLOADS = Number(process.env['UPLOADS'] ?? (isSmall ? 100 : 580))
const ACCOUNTS = 2
const MIB = 2 ** 20
const MOST_MIB = 250
const LOOK_MS = 100

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

// Tests read what they expect, and fail where it is not there.
type Answer = { readonly status: number; readonly body: any }

/** Each account comes from an address of its own, by a proxy: no bound on connections helps. */
const env = { TRUSTED_HOPS: '1', RATE_LIMIT: 'off', LOG_LEVEL: 'error' }
type Way = {
  readonly uploads: number
  readonly parts: (token: string, address: string) => readonly string[]
}
const ways: Readonly<Record<string, Way>> = {
  'with their length said before': {
    uploads: UPLOADS,
    parts: (token, address) => [
      `${head(token, address)}Content-Length: ${MIB}\r\n\r\n`,
      ' '.repeat(MIB - 1),
    ],
  },
  // As small as they may be.
  'in small chunks': {
    uploads: UPLOADS,
    parts: (token, address) => [
      `${head(token, address)}Transfer-Encoding: chunked\r\n\r\n`,
      `64\r\n${' '.repeat(100)}\r\n`.repeat(MIB / 100),
    ],
  },
  'in more chunks than they may have': {
    uploads: UPLOADS,
    parts: (token, address) => [
      `${head(token, address)}Transfer-Encoding: chunked\r\n\r\n`,
      '2\r\n  \r\n'.repeat(MIB / 8),
    ],
  },
}
const head = (token: string, address: string) =>
  `POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`

test.each(Object.entries(ways).filter(([way]) => !isSmall || way === 'in small chunks'))(
  `${ACCOUNTS} accounts with unfinished uploads, %s`,
  async (way, { uploads, parts }) => {
    const { url, child, stop } = await startProcess(...commandOf('start'), {
      ...env,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: temporaryFolder(),
    })
    onTestFinished(async () => void (await stop()))
    const pid = child.pid as number
    const ask = async (
      method: string,
      path: string,
      token = '',
      body?: object,
    ): Promise<Answer> => {
      const headers = {
        'X-Forwarded-For': '192.0.2.1',
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      }
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: await response.json() }
    }
    const enter = async (name: string): Promise<string> =>
      (
        await ask('POST', '/auth/register', '', {
          email: `${name}@example.org`,
          password: 'a heron on the pier',
        })
      ).body.access_token
    const owner = await enter('owner')
    const before = rssOf(pid)

    const statuses = new Map<string, number>()
    const sockets: Socket[] = []
    const upload = async (texts: readonly string[]) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', (text) => {
        const status = /HTTP\/1\.1 (\d+)/.exec(String(text))?.[1] ?? 'none'
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      })
      await once(socket, 'connect')
      for (const text of texts) socket.write(text)
    }
    const tokens = [await enter('a'), await enter('b')]
    await Promise.all(
      tokens.flatMap((token, i) =>
        Array.from({ length: uploads }, () => upload(parts(token, `198.51.100.${i}`))),
      ),
    )

    let most = 0
    let slowest = 0
    let made = 0
    const end = performance.now() + 15_000
    for (; isSmall ? made < 50 : performance.now() < end; await sleep(LOOK_MS)) {
      const began = performance.now()
      const { status } = await ask('POST', '/tasks', owner, { title: `Task ${made}` })
      slowest = Math.max(slowest, performance.now() - began)
      expect(status).toBe(201)
      made++
      most = Math.max(most, rssOf(pid))
    }
    for (const socket of sockets) socket.destroy()
    // Enough requests for the garbage collector to run. A small run does not look at the memory.
    for (let i = 0; i < (isSmall ? 1 : 200); i++)
      await Promise.all(Array.from({ length: 20 }, () => ask('GET', '/tasks', owner)))
    const after = rssOf(pid)
    console.log(
      `${way}: ${Math.round(before)} MiB before, at most ${Math.round(most)}, ${Math.round(after)} afterwards; ` +
        `answers ${JSON.stringify(Object.fromEntries(statuses))}; another user: ${made} tasks, at most ${Math.round(slowest)} ms`,
    )
    // How much is in flight, and how much of what is free has been collected, is up to the machine.
    if (!isSmall) expect(Math.max(most, after)).toBeLessThan(MOST_MIB)
    expect((await ask('GET', '/tasks?limit=200', owner)).body.items).toHaveLength(
      Math.min(made, 200),
    )
  },
)
