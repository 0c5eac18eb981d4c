// Requests as a process gets them: while it ends, malformed ones, and of those who may no more.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startTaskport } from '../../support/process.ts'

test.each([
  ['SIGTERM', ['SIGTERM']],
  // Not the same signal twice, which the system may deliver once.
  ['two signals at once', ['SIGTERM', 'SIGINT']],
] as const)('%s: what runs is finished, then the process ends with 0', async (_name, signals) => {
  const service = await busyService()
  for (const signal of signals) service.child.kill(signal)
  await untilRefused(service.port)
  expect(await service.finish()).toContain('HTTP/1.1 201')
  expect(await service.exit).toBe(0)
  const lines = service.out().trimEnd().split('\n').slice(-2)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { operation: 'register', status: 201 },
    { message: 'the process ends', reason: expect.stringMatching(/^SIG(TERM|INT)$/), code: 0 },
  ])
})

/** A service with a request under way, which ends when `finish` sends its body. */
const busyService = async () => {
  const service = await startTaskport()
  const { port } = new URL(service.url)
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
  const body = '{"email":"a@example.org","password":"correct horse battery staple"}'
  socket.write(
    `POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  )
  const [first] = await once(socket, 'data')
  expect(String(first)).toContain('100 Continue')
  const finish = async (): Promise<string> => {
    socket.write(body)
    return String((await once(socket, 'data'))[0])
  }
  return { ...service, port: Number(port), finish }
}

const untilRefused = async (port: number): Promise<void> => {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const refused = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'error').then(() => true),
    ]).catch(() => true)
    socket.destroy()
    if (refused) return
  }
}

test.each([
  ['HTTP/1.0 without Host', 'HTTP/1.0', 200],
  ['HTTP/1.0 with an empty one', 'HTTP/1.0\r\nHost:', 200],
  ['HTTP/1.1 with an empty one', 'HTTP/1.1\r\nHost:', 200],
  ['HTTP/1.1 without Host', 'HTTP/1.1', 400],
])('%s is answered as RFC 9112 has it', async (_, version, status) => {
  const { url } = await startTaskport()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET /ready ${version}\r\nConnection: close\r\n\r\n`)
  expect(await textOf(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})

test('what is not HTTP is answered with a problem', async () => {
  const { url } = await startTaskport()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('NOT HTTP\r\n\r\n')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n[\s\S]*"code":"malformed_http"/,
  )
})

test('what is not HTTP behind a request is answered behind that one', async () => {
  const { url } = await startTaskport()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const body = '{"email":"a@example.org","password":"correct horse battery staple"}'
  socket.write(
    `POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}NOT HTTP\r\n\r\n`,
  )
  socket.write('NOR THIS\r\n\r\n')
  const answers = await textOf(socket)
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400'])
  expect(answers).toMatch(/"code":"malformed_http"[^}]*\}$/)
})

test.each([
  ['a task that is made', () => '/api/v1/tasks'],
  ['a body that only its key looks at', (id: string) => `/api/v1/tasks/${id}/complete`],
])(
  'a credential that is revoked while the body is on its way writes nothing: %s',
  async (_, pathTo) => {
    const { url } = await startTaskport()
    const headers = { 'Content-Type': 'application/json' }
    const account = JSON.stringify({
      email: 'a@example.org',
      password: 'correct horse battery staple',
    })
    const registered = await fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers,
      body: account,
    })
    const { access_token } = (await registered.json()) as { access_token: string }
    const authorization = { Authorization: `Bearer ${access_token}` }
    const made = await fetch(`${url}/api/v1/tasks`, {
      method: 'POST',
      headers: { ...headers, ...authorization },
      body: '{"title":"early"}',
    })
    const { id } = (await made.json()) as { id: string }
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const body = '{"title":"late"}'
    socket.write(
      `POST ${pathTo(id)} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization.Authorization}\r\nContent-Type: application/json\r\nIdempotency-Key: late\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    )
    const [begun] = await once(socket, 'data') // the service has the head
    expect(String(begun)).toContain('100 Continue')
    expect(
      (await fetch(`${url}/api/v1/auth/logout`, { method: 'POST', headers: authorization })).status,
    ).toBe(204)
    socket.write(body)
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 401 /)
  },
)

const textOf = async (socket: Socket): Promise<string> => {
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

test('an expectation that is not known is no reason to refuse; CONNECT is refused as any method', async () => {
  const { url } = await startTaskport()
  const answerTo = async (head: string): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n`)
    socket.write('Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
    return text(socket)
  }
  const known = await answerTo('POST /api/v1/tasks HTTP/1.1')
  expect(known).toMatch(/^HTTP\/1\.1 401 [\s\S]*"code":"unauthenticated"/)
  const unknown = await answerTo('POST /api/v1/tasks HTTP/1.1\r\nExpect: foo')
  expect(unknown.split('\r\n')[0]).toBe(known.split('\r\n')[0])
  for (const target of ['api/v1/me', 'example.org:443', '*'])
    expect(await answerTo(`CONNECT ${target} HTTP/1.1`), target).toMatch(
      /^HTTP\/1\.1 405 Method not allowed\r\nContent-Type: application\/problem\+json[\s\S]*"method_not_allowed"/,
    )
})
