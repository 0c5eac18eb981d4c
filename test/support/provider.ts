// A real OpenID provider on loopback, and a browser without a screen that goes through its pages.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

const CLIENT_ID = 'taskport'
export const CLIENT_SECRET = 'a secret that nothing may say aloud'

export type ProviderServer = {
  readonly url: string
  /** The variables by which a service knows it. */
  readonly env: Record<string, string>
  /** Takes it off the network, and back to the same port. */
  stop(): Promise<void>
  start(): Promise<void>
  /** What answers instead of the provider, until it is undefined again. */
  instead: RequestListener | undefined
}

/** Everybody can sign in as whoever they say; `nameless` has no name. */
const accountOf = (id: string) => ({
  accountId: id,
  claims: () => ({
    sub: id,
    ...(id !== 'nameless' && { name: `${id} of the provider`, preferred_username: id }),
    email: `${id}@example.org`,
  }),
})

export const startProvider = async (redirectUri: string): Promise<ProviderServer> => {
  let answer: RequestListener = () => {}
  const listener: RequestListener = (request, response) =>
    (provider.instead ?? answer)(request, response)
  let server: Server
  const listen = async (port: number) => {
    server = createServer(listener)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  const url = `http://127.0.0.1:${port}`
  const provider: ProviderServer = {
    url,
    env: {
      OPENID_PROVIDER_URL: url,
      OAUTH_CLIENT_ID: CLIENT_ID,
      OAUTH_CLIENT_SECRET: CLIENT_SECRET,
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
    start: async () => void (await listen(port)),
    instead: undefined,
  }
  const real = new Provider(url, {
    clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    findAccount: async (_: unknown, id: string) => accountOf(id),
    pkce: { required: () => true },
    cookies: { keys: ['for tests'] },
  })
  answer = real.callback()
  return provider
}

/** A cookie jar for one provider. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  async #visit(url: string, form?: Record<string, string>): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /**
   * Goes from the address that a sign-in begins at, as `login` and saying yes, or saying no, to the
   * address that the provider sends back to.
   */
  async signIn(url: string, login: string, consents = true): Promise<URL> {
    const { origin } = new URL(url)
    let response = await this.#visit(url)
    for (let step = 0; step < 20; step++) {
      const location = response.headers.get('Location')
      if (location !== null) {
        const next = new URL(location, response.url)
        if (next.origin !== origin) return next
        response = await this.#visit(next.href)
        continue
      }
      const page = await response.text()
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      const action = /action="([^"]+)"/.exec(page)?.[1]
      if (!prompt || !action)
        throw new Error(`the provider shows no form: ${response.status} ${page.slice(0, 500)}`)
      if (consents)
        response = await this.#visit(new URL(action, response.url).href, {
          prompt,
          login,
          password: 'any',
        })
      else response = await this.#visit(`${response.url}/abort`)
    }
    throw new Error('the provider goes round in circles')
  }
}
