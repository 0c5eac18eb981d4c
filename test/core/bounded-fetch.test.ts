// What others answer who are asked for keys and metadata: too much, nothing, or elsewhere.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createFetch } from '../../src/core/bounded-fetch.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { testClock } from '../support/world.ts'

const MIB = 2 ** 20
const get = { method: 'GET', headers: {} }

const serve = async (listener: RequestListener) => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    listener(request, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked: () => asked,
    server,
  }
}

test('1 MiB is read, and what is larger is cut off however long it would go on', async () => {
  const fits = await serve((_, response) => response.end('x'.repeat(MIB)))
  expect((await (await createFetch({ clock: testClock() })(fits.url, get)).text()).length).toBe(MIB)

  const closed = createDeferred<number>()
  const endless = await serve((_, response) => {
    let sent = 0
    const chunk = Buffer.alloc(65_536)
    const send = () => {
      while (response.write(chunk)) sent += chunk.byteLength
      sent += chunk.byteLength
    }
    response.on('drain', send).on('close', () => closed.resolve(sent))
    send()
  })
  await expect(createFetch({ clock: testClock() })(endless.url, get)).rejects.toMatchObject({
    code: 'TOO_LARGE',
  })
  // With what sockets hold on both sides.
  expect(await closed.promise).toBeLessThan(32 * MIB)
})

test.each<[string, RequestListener]>([
  ['never answers', () => {}],
  ['never ends its answer', (_, response) => void response.write('{')],
])('a server that %s is given up', async (_, listener) => {
  const { url } = await serve(listener)
  await expect(createFetch({ clock: testClock(), timeoutMs: 50 })(url, get)).rejects.toMatchObject({
    name: 'Error',
  })
})

test.each([
  ['a length', `Content-Length: ${4 * MIB}`, ''],
  ['chunks', 'Transfer-Encoding: chunked', `${(4 * MIB).toString(16)}\r\n`],
  ['neither', 'X-Other: 1', ''],
])(
  'a server that closes in the middle of an answer with %s, 100 times: an answer or an error that is caught',
  async (_, header, before) => {
    // node:http would not break its own promises.
    const server = createTcpServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', (asked) => {
          const bytes = Number(/bytes=(\d+)/.exec(String(asked))?.[1])
          socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${before}`)
          socket.end(Buffer.alloc(bytes, 'x'))
        })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const ask = createFetch({ clock: testClock() })
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, i) => i)
        .map((i) => `${url}?bytes=${20_000 * (i + 1)}`)
        .map((at) =>
          ask(at, get).then(
            ({ status }) => status,
            (error) => error.constructor.name,
          ),
        ),
    )
    expect(outcomes.filter((outcome) => outcome !== 200 && outcome !== 'Unanswered')).toEqual([])
  },
)

test('no redirect is followed', async () => {
  const { url, asked } = await serve((request, response) =>
    response.writeHead(302, { Location: request.url ?? '' }).end(),
  )
  expect((await createFetch({ clock: testClock() })(url, get)).status).toBe(302)
  expect(asked()).toBe(1)
})

test('an answer stands for five seconds, good or not; one that is for one user is asked for each time', async () => {
  const clock = testClock()
  const ask = createFetch({ clock })
  let status = 200
  const { url, asked } = await serve((_, response) => response.writeHead(status).end('{}'))
  for (status of [200, 503]) {
    expect([(await ask(url, get)).status, (await ask(url, get)).status]).toEqual([status, status])
    clock.advance(5_000)
  }
  expect(asked()).toBe(2)
  for (const own of [
    { method: 'POST', headers: {}, body: 'code=1' },
    { method: 'GET', headers: { Authorization: 'Bearer x' } },
  ]) {
    await ask(url, own)
    await ask(url, own)
  }
  expect(asked()).toBe(6)
})

test('a failure is not remembered for as long as the clock was ahead', async () => {
  const clock = testClock()
  const ask = createFetch({ clock })
  let status = 503
  const { url } = await serve((_, response) => response.writeHead(status).end('{}'))
  expect((await ask(url, get)).status).toBe(503)
  status = 200
  clock.advance(-3_600_000)
  expect((await ask(url, get)).status).toBe(200)
})

test('no more than fifty requests are under way', async () => {
  const answers: (() => void)[] = []
  const { url } = await serve((_, response) => {
    answers.push(() => response.end())
    if (answers.length === 50) for (const answer of answers) answer()
  })
  const ask = createFetch({ clock: testClock() })
  const post = { method: 'POST', headers: {} }
  const outcomes = await Promise.allSettled(Array.from({ length: 120 }, () => ask(url, post)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('EBUSY')
})
