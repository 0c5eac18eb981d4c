// The HTTP server of Node, with an app that does nothing: connections, malformed bodies, bodies
// that do not arrive.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { App } from '../../../src/app.ts'
import { parseConfig } from '../../../src/config.ts'
import { createDeferred } from '../../../src/core/deferred.ts'
import { silent } from '../../../src/core/log.ts'
import { node } from '../../../src/runtimes/node/server.ts'

const CHUNKED = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'

/** Answers with the body's length; `/slow` only when it is told to, `/large` with 32 MiB. */
const listen = async (env: Record<string, string> = {}) => {
  const begun = createDeferred<void>()
  const slow = createDeferred<void>()
  const ended: string[] = []
  const served: string[] = []
  const requests: IncomingMessage[] = []
  const fetch = async (request: Request, env?: unknown): Promise<Response> => {
    const { incoming } = env as HttpBindings
    requests.push(incoming)
    const { pathname } = new URL(request.url)
    served.push(pathname)
    begun.resolve()
    if (pathname === '/slow') await slow.promise
    if (pathname === '/large') return new Response(new Uint8Array(32 * 2 ** 20))
    if (request.method === 'GET' || pathname === '/ignore') return new Response('read nothing')
    try {
      const digest = createHash('sha1')
      let length = 0
      await node.receiveBody?.({ env } as Context, (chunk) => {
        digest.update(chunk)
        length += chunk.byteLength
      })
      return new Response(`read ${length} ${digest.digest('hex')}`)
    } catch (error) {
      ended.push(pathname)
      throw error
    }
  }
  const app: App = { fetch, request: async (path) => fetch(new Request(path)) }
  const { port, drain } = await node.listen(app, {
    ...parseConfig(env),
    host: '127.0.0.1',
    port: 0,
    log: silent,
  })
  onTestFinished(() => drain(0))
  const open = async (localAddress = '127.0.0.1'): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { open, begun: begun.promise, answerSlow: slow.resolve, ended, served, requests }
}

/** Everything that comes until the other side ends. */
const textOf = async (socket: Socket): Promise<string> => {
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}
const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
const ask = async (socket: Socket): Promise<string> => {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return String((await once(socket, 'data'))[0])
}
/** Ended or reset. */
const isClosed = (socket: Socket) =>
  new Promise<boolean>((resolve) => socket.on('error', () => {}).once('close', () => resolve(true)))

describe('pipelined requests', () => {
  test('are served one after the other, and those of other connections in between', async () => {
    const { open, answerSlow, begun, served } = await listen()
    const one = await open()
    one.write(
      `GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${'GET /behind HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100)}`,
    )
    await begun
    expect(await ask(await open())).toContain('200 OK')
    expect(served).toEqual(['/slow', '/'])
    answerSlow()
    let text = ''
    for await (const chunk of one.setEncoding('utf8')) {
      text += chunk
      if (statusesIn(text).length === 101) break
    }
    expect(served).toEqual(['/slow', '/', ...Array(100).fill('/behind')])
  })

  test('end their connection where more than a hundred wait', async () => {
    const { open, served } = await listen()
    const one = await open()
    const closed = isClosed(one)
    one.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000))
    expect(await closed).toBe(true)
    expect(served.length).toBeLessThanOrEqual(1)
    expect(await ask(await open())).toContain('200 OK')
  })
})

describe('connections', () => {
  test('of one address: the one that has been idle for longest gives way, a busy one does not', async () => {
    const { open, answerSlow, begun } = await listen({ CONNECTIONS_PER_ADDRESS: '3' })
    const busy = await open()
    busy.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await begun
    const [first, second] = [await open(), await open()]
    for (const socket of [second, first, second]) expect(await ask(socket)).toContain('200 OK')
    const closed = isClosed(first)
    const third = await open()
    expect(await closed).toBe(true)
    for (const socket of [second, third]) expect(await ask(socket)).toContain('200 OK')
    answerSlow()
    expect(String((await once(busy, 'data'))[0])).toContain('200 OK')
  })

  test('of one address that are all busy: a new one is closed, another address is served', async () => {
    const { open, answerSlow, begun } = await listen({ CONNECTIONS_PER_ADDRESS: '1' })
    const busy = await open()
    busy.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await begun
    expect(await isClosed((await open()).resume())).toBe(true)
    expect(await ask(await open('127.0.0.2'))).toContain('200 OK')
    answerSlow()
    expect(String((await once(busy, 'data'))[0])).toContain('200 OK')
  })

  test('in all: an idle one of the address that has most gives way, also behind a proxy', async () => {
    for (const TRUSTED_HOPS of ['0', '1']) {
      const { open } = await listen({ CONNECTIONS: '10', TRUSTED_HOPS })
      const owner = await open('127.0.0.2')
      expect(await ask(owner)).toContain('200 OK')
      const many: Socket[] = []
      for (let i = 0; i < 9; i++) many.push(await open())
      const closed = isClosed(many[0] as Socket)
      expect(await ask(await open('127.0.0.3'))).toContain('200 OK')
      expect(await closed).toBe(true)
      expect(await ask(owner)).toContain('200 OK')
    }
  })
})

describe('a body in chunks of a few bytes', () => {
  const bodyOf = (length: number) =>
    Buffer.alloc(length)
      .map((_, i) => 33 + (i % 89))
      .toString()
  const inChunks = (body: string, each: number) => {
    const chunks = body.match(new RegExp(`.{1,${each}}`, 'g')) ?? []
    return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`
  }
  const digestOf = (body: string) => createHash('sha1').update(body).digest('hex')

  test.each([
    [0, 2],
    [2, 2],
    [4, 2],
    [8_190, 2],
    [16_383, 4],
    [16_384, 4],
    [16_385, 4],
    [1_048_576, 86],
    [1_048_576, 65_536],
  ])(
    'of %i bytes, %i each, is read whole, also where it arrives before it is asked for',
    async (length, each) => {
      const { open, begun, answerSlow, requests } = await listen()
      const body = bodyOf(length)
      const socket = await open()
      const head = CHUNKED.replace('/', '/slow').replace('Host', 'Connection: close\r\nHost')
      socket.write(`${head}${inChunks(body, each)}`)
      await begun
      const [request] = requests as [IncomingMessage]
      await vi.waitUntil(() => request.readableEnded || request.socket.isPaused(), {
        timeout: 60_000,
      })
      // None is an object of its own in the buffer of the stream.
      expect(request.readableLength).toBe(0)
      answerSlow()
      expect(await textOf(socket)).toContain(`read ${length} ${digestOf(body)}`)
    },
  )

  test.each([
    ['', 2, 8_600],
    ['slow', 1, 4_400],
    ['', 60, 1_048_576],
  ])(
    'in more than its bytes allow is refused, and its request is ended: /%s, %i each',
    async (path, each, length) => {
      const { open, ended, answerSlow } = await listen()
      const socket = await open()
      socket.write(
        `${CHUNKED.replace('/', `/${path}`)}${inChunks(bodyOf(length), each).slice(0, -5)}`,
      )
      expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"too_large"/)
      answerSlow()
      await vi.waitUntil(() => ended.length > 0, { timeout: 60_000 })
      expect(await ask(await open())).toContain('200 OK')
    },
  )

  test.each([4_400, 70_000])(
    'that was refused is not acted on, also where its end has arrived: %i bytes',
    async (length) => {
      const { open, begun, ended, answerSlow } = await listen()
      const socket = await open()
      socket.write(`${CHUNKED.replace('/', '/slow')}${inChunks(bodyOf(length), 1)}`)
      await begun
      expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 413 /)
      answerSlow()
      await vi.waitUntil(() => ended.length > 0, { timeout: 20_000 })
    },
  )

  test('that is not read does not keep the connection, nor delay others', async () => {
    const { open } = await listen()
    const socket = await open()
    socket.write(`${CHUNKED.replace('/', '/ignore')}${inChunks(bodyOf(8_000), 2).slice(0, -5)}`)
    const closed = isClosed(socket)
    expect(await ask(await open())).toContain('200 OK')
    socket.resume()
    await closed
  })
})

describe('a malformed chunked body', () => {
  test('is answered 400 at once, and its request is ended', async () => {
    const { open, ended } = await listen()
    const honest = await open()
    honest.end(`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`)
    expect(await textOf(honest)).toContain('read 5')
    const socket = await open()
    socket.write(`${CHUNKED}5\r\nhello\r\nZZ\r\n`)
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"malformed_http"/)
    await vi.waitUntil(() => ended.length > 0, { timeout: 60_000 })
  })

  test('is answered behind the requests before it', async () => {
    const { open, begun, answerSlow } = await listen()
    const socket = await open()
    socket.write(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${CHUNKED}5\r\nhello\r\nZZ\r\n`)
    await begun
    answerSlow()
    expect(statusesIn(await textOf(socket))).toEqual([200, 400])
  })

  test('of a request that is answered already ends the connection without a second answer', async () => {
    const { open } = await listen()
    const socket = await open()
    socket.write(`${CHUNKED.replace('/', '/ignore')}5\r\nhello\r\n`)
    const [first] = await once(socket.setEncoding('utf8'), 'data')
    let rest = ''
    socket
      .on('error', () => {})
      .on('data', (text) => {
        rest += text
      })
    socket.write('ZZ\r\n')
    await isClosed(socket)
    expect(statusesIn(first + rest)).toEqual([200])
  })
})

test('what is left of a body when its request is answered: a little is read, of much nothing more', async () => {
  const { open } = await listen()
  const head = (length: number) =>
    `POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`
  const little = await open()
  little.write(`${head(1_000)}x`)
  expect(String((await once(little, 'data'))[0])).toContain('200 OK')
  little.write('x'.repeat(999))
  expect(await ask(little)).toContain('200 OK')
  const much = await open()
  much.on('error', () => {}).write(`${head(64 * 2 ** 20)}x`)
  expect(String((await once(much, 'data'))[0])).toContain('200 OK')
  expect(await isClosed(much)).toBe(true)
})

test('a body that makes no progress for ten seconds is ended with 408, one that does is not', async () => {
  const { open, ended } = await listen()
  const length = 1_000
  const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`
  const [silentOne, slow] = [await open(), await open()]
  silentOne.write(`${head}x`)
  slow.write(head)
  // Time passes in steps of four seconds, each as soon as the server has looked.
  const now = performance.now.bind(performance)
  let passed = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passed)
  const steps = setInterval(() => {
    passed += 4_000
    if (slow.bytesWritten < head.length + length - 1) slow.write('x')
  }, 300)
  try {
    expect(await textOf(silentOne)).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/)
  } finally {
    clearInterval(steps)
    clock.mockRestore()
  }
  slow.end('x'.repeat(head.length + length - slow.bytesWritten))
  expect(await textOf(slow)).toContain(`read ${length}`)
  expect(ended).toEqual(['/'])
})

test('a connection is closed when its client sends or takes nothing, not while the service works', async () => {
  // Time passes 200 times as fast for connections.
  const { setTimeout: set } = Socket.prototype
  const faster = vi.spyOn(Socket.prototype, 'setTimeout')
  faster.mockImplementation(function (this: Socket, ms, ...rest) {
    return set.call(this, ms / 200, ...rest)
  })
  onTestFinished(() => faster.mockRestore())
  const { open, answerSlow, requests } = await listen()
  const begin = async (text: string) => {
    const socket = await open()
    socket.pause().write(text)
    const before = requests.length
    return { socket, request: await vi.waitUntil(() => requests[before]) }
  }
  const waiting = await begin('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
  const text = textOf(waiting.socket)
  // When they are closed, `waiting` has been silent for longer, twice.
  for (const half of [`${CHUNKED}5\r\nhel`, 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n'])
    expect(await isClosed((await begin(half)).request.socket)).toBe(true)
  answerSlow()
  expect(statusesIn(await text)).toEqual([200])
})
