// An issuer with a key server on this machine.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

type Answer = {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Answers what `published` makes for a path: the keys of a set, or any answer. Closes the connection
 * where that is undefined.
 */
export const serveKeys = async (published: (path: string) => unknown) => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    const answer = published(request.url ?? '')
    if (answer === undefined) return request.socket.destroy()
    const { status, body, headers } = isAnswer(answer)
      ? answer
      : { status: 200, body: JSON.stringify({ keys: answer }), headers: undefined }
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body)
    return undefined
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/jwks`, asked: () => asked }
}
const isAnswer = (answer: unknown): answer is Answer =>
  typeof answer === 'object' && answer !== null && 'status' in answer

export const ISSUER = 'https://accounts.example'

/** A key of an issuer. `kid: null`: it has none, in the set and in the tokens. */
export const createKey = async (
  kid: string | null,
  { alg = 'ES256', ...options }: { alg?: string; modulusLength?: number } = {},
) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options })
  const jwk = { ...(await exportJWK(publicKey)), alg, ...(kid !== null && { kid }) }
  /** Signs a token for `ISSUER` that expires in an hour from `now`. */
  const sign = (
    now: number,
    payload: JWTPayload = {},
    header: Readonly<Record<string, unknown>> = {},
  ) =>
    new SignJWT({
      iss: ISSUER,
      aud: ISSUER,
      sub: 'ada',
      exp: Math.floor(now / 1000) + 3600,
      ...payload,
    })
      .setProtectedHeader({ alg, ...(kid !== null && { kid }), ...header })
      .sign(privateKey)
  return { jwk, privateKey, sign }
}
