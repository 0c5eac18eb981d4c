import createOpenApiClient, { type Client } from 'openapi-fetch'
import type { paths } from './schema.ts'
import { createSession, type Session } from './session.ts'
import { memoryTokens, type TokenStorage } from './tokens.ts'

/** A method for each of HTTP, with the paths, parameters and bodies of the OpenAPI document. */
export type Api = Client<paths>

export type TaskportOptions = {
  /** Where the service is, without `/api/v1`. */
  readonly url: string
  /** Where tokens are kept; in memory without it. */
  readonly tokens?: TokenStorage
  /** A key of the API in place of tokens: for programs. */
  readonly apiKey?: string
  /** In place of the `fetch` of the platform. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** The session has ended, and its tokens are forgotten: the user has to sign in again. */
  readonly onSignedOut?: () => void
}

export type Taskport = Pick<Session, 'enter' | 'leave'> & {
  readonly api: Api
}

/** A client of the service at `url`. It sends nothing until it is asked to. */
export const createTaskport = ({
  url,
  tokens = memoryTokens(),
  apiKey,
  fetch = (request) => globalThis.fetch(request),
  onSignedOut = () => {},
}: TaskportOptions): Taskport => {
  const baseUrl = url.replace(/\/+$/, '')
  const session = createSession({ baseUrl, storage: tokens, fetch, onSignedOut })
  const api = createOpenApiClient<paths>({
    baseUrl,
    fetch: session.fetch,
    ...(apiKey !== undefined && { headers: { 'X-API-Key': apiKey } }),
  })
  return { api, enter: session.enter, leave: session.leave }
}
