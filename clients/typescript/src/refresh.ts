// Spends a refresh token for the next tokens.
import { isProblem } from './errors.ts'
import { sleep } from './pause.ts'
import type { Tokens } from './schema.ts'
import type { SessionParts } from './session.ts'
import type { TokenPair } from './tokens.ts'

/**
 * Milliseconds before a further attempt where no answer came, and those that an attempt may take. The
 * last one is sent within six seconds: the service takes a refresh token that is spent again within
 * ten for the same client, and later for a theft.
 */
const PAUSES = [250, 750]
const TIMEOUT_MS = 2_500

/**
 * Puts the next tokens into the storage, unless those with this access token are not there any more:
 * another tab was faster, or the user has signed in or out. Where the session has ended, the storage
 * is emptied. Answers what the service said where it would not do it now. Throws where the service
 * cannot be reached; the user stays signed in then.
 */
export const refreshTokens = async (
  { baseUrl, storage, fetch, onSignedOut }: SessionParts,
  spent: string,
): Promise<Response | undefined> => {
  const before = await storage.read()
  if (before?.access_token !== spent) return undefined
  const isStill = async () => (await storage.read())?.refresh_token === before.refresh_token
  const { response, body } = await attempt(() => refreshRequest(baseUrl, before), fetch)
  if (response.ok) {
    const { access_token, refresh_token } = body as Tokens
    if (await isStill()) await storage.write({ access_token, refresh_token })
    return undefined
  }
  if (!isProblem(body, 'unauthenticated') && !isProblem(body, 'invalid'))
    return new Response(JSON.stringify(body), response)
  if (await isStill()) {
    await storage.write(undefined)
    onSignedOut()
  }
  return undefined
}

const refreshRequest = (baseUrl: string, { refresh_token }: TokenPair): Request =>
  new Request(`${baseUrl}/api/v1/auth/refresh`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refresh_token }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })

type Answer = { readonly response: Response; readonly body: unknown }

/** The answer, complete; also a second or third time where the network has lost it. */
const attempt = async (request: () => Request, fetch: SessionParts['fetch']): Promise<Answer> => {
  for (let failures = 0; ; failures++) {
    try {
      const response = await fetch(request())
      const text = await response.text()
      return { response, body: response.ok ? JSON.parse(text) : parsed(text) }
    } catch (error) {
      const pause = PAUSES[failures]
      if (pause === undefined) throw error
      await sleep(pause)
    }
  }
}

/** What a proxy says is no JSON. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
