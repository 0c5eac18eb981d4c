import type { Api } from './client.ts'
import { isProblem, TaskportError } from './errors.ts'
import { within } from './pause.ts'
import type { Store } from './store.ts'

/** As many changes as the service puts into one page. */
const LIMIT = 500

/**
 * Puts into the store what has changed since its token, page by page; all there is, where it has no
 * token or the service does not take it any more. Throws TaskportError, and what `fetch` throws.
 */
export const pull = async (api: Api, store: Store, signal: AbortSignal): Promise<void> => {
  let since = await store.token()
  for (;;) {
    const query = { limit: LIMIT, ...(since !== undefined && { since }) }
    const { data, error, response } = await api.GET('/api/v1/changes', {
      params: { query },
      signal: within(signal),
    })
    if (data) {
      await store.apply({ ...data, begins: since === undefined })
      since = data.token
      if (!data.has_more) return
    } else if (since !== undefined && isProblem(error, 'sync_token_expired')) since = undefined
    else throw new TaskportError(response, error)
  }
}
