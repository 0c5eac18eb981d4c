import type { Api } from './client.ts'
import { isPassing, isProblem, TaskportError } from './errors.ts'
import { within } from './pause.ts'
import type { Entry, Store } from './store.ts'

/** What openapi-fetch takes, where nothing is known of the request but its texts. */
type AnyRequest = (
  method: string,
  path: string,
  init: object,
) => Promise<{ readonly error?: unknown; readonly response: Response }>

/**
 * Sends what waits in the queue, one after the other in the order in which it was made: what is
 * above first. What was taken leaves the queue; what is refused stays in it, with its refusal.
 * `answered` is called for each of these. Throws TaskportError where the service does not answer for the entry but for itself, and what
 * `fetch` throws: the entry is sent again then.
 */
export const push = async (
  api: Api,
  store: Store,
  signal: AbortSignal,
  answered: () => void,
): Promise<void> => {
  for (const entry of await store.entries()) {
    if (signal.aborted) return
    if (entry.refusal) continue
    const { error, response } = await send(api, entry, signal)
    const { status } = response
    if (response.ok || isGone(entry, error)) await store.remove(entry.id)
    else if (status === 401 || isPassing({ status, body: error }))
      throw new TaskportError(response, error)
    else await store.put({ ...entry, refusal: { status, body: error } })
    answered()
  }
}

/** What is to be deleted is not there any more: an earlier attempt did it, or another client. */
const isGone = ({ method }: Entry, error: unknown): boolean =>
  method === 'delete' && isProblem(error, 'not_found')

/** A repetition of a POST does its work once: by the id of what it makes, or else by the key. */
const send = (api: Api, { id, method, path, params, body }: Entry, signal: AbortSignal) =>
  (api.request as AnyRequest)(method, path, {
    params,
    body,
    ...(method === 'post' && { headers: { 'Idempotency-Key': id } }),
    signal: within(signal),
  })
