// A Better Auth server as apps of the family run it: sign-up by e-mail and password, and the JWT
// plugin, which signs with EdDSA and publishes its keys.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins/jwt'

export type BetterAuth = {
  /** What the app calls BETTER_AUTH_URL. */
  readonly url: string
  /** A new user, by the requests of Better Auth's client: the id, and a token of the JWT plugin. */
  signUp(name: string): Promise<{ id: string; token: string }>
  stop(): Promise<void>
}

const PASSWORD = 'a heron on the pier'

/** On a free port of this machine; it forgets everything when it stops. */
export const startBetterAuth = async (): Promise<BetterAuth> => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const store = { user: [], session: [], account: [], verification: [], jwks: [] }
  const auth = betterAuth({
    baseURL: url,
    secret: 'of this server alone, and never shared',
    database: memoryAdapter(store),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [jwt()],
  })
  server.on('request', toNodeHandler(auth))
  const signUp: BetterAuth['signUp'] = async (name) => {
    const signedUp = await fetch(`${url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url },
      body: JSON.stringify({ name, email: `${name}@example.org`, password: PASSWORD }),
    })
    const { user } = (await signedUp.json()) as { user: { id: string } }
    const cookie = signedUp.headers
      .getSetCookie()
      .map((set) => set.split(';')[0])
      .join('; ')
    const answer = await fetch(`${url}/api/auth/token`, { headers: { Cookie: cookie } })
    const { token } = (await answer.json()) as { token: string }
    return { id: user.id, token }
  }
  return {
    url,
    signUp,
    stop: () =>
      new Promise((stopped) => {
        server.closeAllConnections()
        server.close(() => stopped())
      }),
  }
}
