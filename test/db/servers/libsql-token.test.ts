// A libSQL server (or Turso) that does not take the token any more, or has blocked or archived the database.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { expect, test } from 'vitest'
import { freshDatabases } from '../../support/fresh.ts'
import { serviceAt } from './served.ts'
import { openAt } from './session.ts'

const make = freshDatabases()['libSQL server']

/** What stands in front of the server, and answers in its place while it is told to. */
const startFront = async (upstream: string) => {
  const { hostname, port } = new URL(upstream)
  const state: { answer: { status: number; body: string } | undefined } = { answer: undefined }
  const server = createServer((incoming, outgoing) => {
    if (state.answer) {
      incoming.resume()
      outgoing.writeHead(state.answer.status, { 'Content-Type': 'application/json' })
      outgoing.end(state.answer.body)
      return undefined
    }
    const { method, url: path, headers } = incoming
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    return incoming.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    state,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const refusals: readonly (readonly [number, string])[] = [
  [401, '{"error":"Unauthorized: `The JWT has expired`"}'],
  [401, ''],
  [403, '{"error":"forbidden"}'],
  [402, '{"error":"payment required"}'],
  [404, '{"error":"database not found"}'],
  [410, '{"error":"gone"}'],
  [423, '{"error":"database is archived"}'],
  [429, '{"error":"too many requests"}'],
  [
    200,
    '{"baton":null,"base_url":null,"results":[{"type":"error","error":{"message":"Operation was blocked: SQL read operations are forbidden (reads are blocked, do you need to upgrade your plan?)","code":"BLOCKED"}},{"type":"error","error":{"message":"Operation was blocked","code":"BLOCKED"}},{"type":"ok","response":{"type":"close"}}]}',
  ],
]

test.skipIf(make === undefined)(
  'a token or a database that is refused: 503, and it is found again',
  async () => {
    const fresh = await make?.()
    if (!fresh) throw new Error('no server')
    const front = await startFront(fresh.url)
    const service = await serviceAt(`${front.url}?authToken=eyJ.hunter2.x`)
    for (const [status, body] of refusals) {
      front.state.answer = { status, body }
      await service.expectRefused(['hunter2'])
      front.state.answer = undefined
      await service.expectServed()
    }
    await service.close()
    front.state.answer = { status: 401, body: '' }
    await expect(openAt(front.url)).rejects.toThrow(
      /^DATABASE_URL leads to libSQL at [^ ]+, which does not let this user in \(.*401\): set DATABASE_AUTH_TOKEN/,
    )
    front.close()
    await fresh.drop()
  },
)
