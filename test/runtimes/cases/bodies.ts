import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/** Bodies as no HTTP client sends them. */
export const bodies = (service: () => Service): void => {
  test('a malformed chunked body is answered 400, and one that does not arrive 408', async () => {
    const { hostname, port } = new URL(service().url)
    const ask = async (body: string): Promise<string> => {
      const socket = connect(Number(port), hostname)
      socket.write(
        `POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${body}`,
      )
      let text = ''
      for await (const chunk of socket.setEncoding('utf8')) {
        text += chunk
        if (text.includes('\r\n\r\n')) break
      }
      return text.slice('HTTP/1.1 '.length, 'HTTP/1.1 400'.length)
    }
    const answers = await Promise.all([
      ask('Transfer-Encoding: chunked\r\n\r\n9\r\n{"refresh\r\nZZ\r\n'),
      ask('Transfer-Encoding: chunked\r\n\r\n9\r\n{"refresh\r\n'),
      ask('Content-Length: 100\r\n\r\n{"refresh'),
    ])
    expect(answers).toEqual(['400', '408', '408'])
  })
}
