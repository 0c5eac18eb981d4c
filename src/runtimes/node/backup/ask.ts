import type { Ask } from '../../../backup/transport.ts'
import { request } from './request.ts'
import { inThread } from './thread.ts'

/** Files are sent in a thread of their own: what sending leaves behind is given back with it. */
export const ask: Ask = async (asked) => {
  const { url, headers, body, total, signal } = asked
  if (body === undefined || !('path' in body)) return request(asked)
  const { status, body: text } = await inThread(
    'send',
    { href: url.href, headers, content: body, total },
    signal,
  )
  return { status, header: () => null, body: new Blob([text]).stream(), discard: () => {} }
}
