// Requests of a signed-in user. An access token lasts 15 minutes, and a refresh token is good once:
// a second refresh with it, later than ten seconds, counts as theft and ends the session. So all
// requests, and all tabs, wait for one refresh.
import { isProblem } from './errors.ts'
import { exclusively } from './lock.ts'
import { refreshTokens } from './refresh.ts'
import type { TokenPair, TokenStorage } from './tokens.ts'

export type SessionParts = {
  readonly baseUrl: string
  readonly storage: TokenStorage
  readonly fetch: (request: Request) => Promise<Response>
  readonly onSignedOut: () => void
}

export type Session = {
  /** Sends a request with the access token. One that has expired is refreshed, and the request is sent again once. */
  fetch(request: Request): Promise<Response>
  /** Keeps the tokens that signing in has answered. */
  enter(tokens: TokenPair): Promise<void>
  /** Ends the session at the service, where that can be reached, and forgets its tokens. */
  leave(): Promise<void>
}

/** The access token is no longer good. A wrong password is a 401, too, and another code. */
const hasExpired = async (response: Response): Promise<boolean> =>
  response.status === 401 && isProblem(await bodyOf(response.clone()), 'unauthenticated')

const bodyOf = (response: Response): Promise<unknown> => response.json().catch(() => undefined)

export const createSession = (parts: SessionParts): Session => {
  const { baseUrl, storage, fetch } = parts
  let refreshing: Promise<Response | undefined> | undefined

  /** Answers what the service said where it would not refresh now. */
  const refreshOnce = async (spent: string): Promise<Response | undefined> => {
    refreshing ??= exclusively(`taskport-tokens ${baseUrl}`, () =>
      refreshTokens(parts, spent),
    ).finally(() => {
      refreshing = undefined
    })
    return (await refreshing)?.clone()
  }

  const send: Session['fetch'] = async (request) => {
    const { headers } = request
    if (headers.has('Authorization') || headers.has('X-API-Key')) return fetch(request)
    const before = await storage.read()
    if (!before) return fetch(request)
    const again = request.clone()
    headers.set('Authorization', `Bearer ${before.access_token}`)
    const response = await fetch(request)
    if (!(await hasExpired(response))) return response
    const refusal = await refreshOnce(before.access_token)
    if (refusal) return refusal
    const after = await storage.read()
    if (!after || after.access_token === before.access_token) return response
    again.headers.set('Authorization', `Bearer ${after.access_token}`)
    return fetch(again)
  }

  return {
    fetch: send,
    enter: async ({ access_token, refresh_token }) =>
      storage.write({ access_token, refresh_token }),
    leave: async () => {
      const logout = new Request(`${baseUrl}/api/v1/auth/logout`, { method: 'POST' })
      await send(logout).catch(() => {})
      await storage.write(undefined)
    },
  }
}
