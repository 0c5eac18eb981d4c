import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/** Requests as old clients, and the health checks of proxies, send them. */
export const oldClients = (service: () => Service): void => {
  test('HTTP/1.0 without Host is served; no answer depends on the name', async () => {
    const { url } = service()
    const { hostname, port } = new URL(url)
    const ask = async (head: string, body = ''): Promise<string> => {
      const socket = connect(Number(port), hostname)
      socket.write(`${head}\r\n\r\n${body}`)
      let text = ''
      for await (const chunk of socket.setEncoding('utf8')) text += chunk
      return text
    }
    const alone = ['GET /health HTTP/1.0', 'GET /ready HTTP/1.0\r\nHost:', 'HEAD / HTTP/1.0']
    for (const head of alone) expect(await ask(head), head).toMatch(/^HTTP\/1\.[01] 200 /)
    const page = await ask('GET / HTTP/1.0\r\nAccept: text/html')
    // Each page names another address in its examples.
    const alike = (text: string) => text.replace(/you-[0-9a-f]+@/g, 'you@')
    const named = await (await fetch(url, { headers: { Accept: 'text/html' } })).text()
    expect(alike(page)).toContain(alike(named))
    const account = '{"email":"old@example.org","password":"correct horse battery staple"}'
    const json = `Content-Type: application/json\r\nContent-Length:`
    const made = await ask(
      `POST /api/v1/auth/register HTTP/1.0\r\n${json} ${account.length}`,
      account,
    )
    expect(made).toMatch(/^HTTP\/1\.[01] 201 /)
    const token = /"access_token":"([^"]+)"/.exec(made)?.[1]
    const task = '{"title":"x"}'
    const authorization = `Authorization: Bearer ${token}`
    for (let i = 0; i < 2; i++)
      expect(
        await ask(
          `POST /api/v1/tasks HTTP/1.0\r\n${authorization}\r\n${json} ${task.length}`,
          task,
        ),
      ).toMatch(/^HTTP\/1\.[01] 201 [\s\S]*\r\nlocation: \/api\/v1\/tasks\//i)
    expect(await ask(`GET /api/v1/tasks?limit=1 HTTP/1.0\r\n${authorization}`)).toMatch(
      /\r\nlink: <\/api\/v1\/tasks\?/i,
    )
    expect(await ask('GET //other.example/health HTTP/1.0')).toMatch(/^HTTP\/1\.[01] 404 /)
    expect(await ask('GET /health HTTP/1.1\r\nHost:\r\nConnection: close')).toMatch(
      /^HTTP\/1\.1 200 /,
    )
    expect(await ask('GET /health HTTP/1.1\r\nConnection: close')).toMatch(/^HTTP\/1\.1 400 /)
  })
}
