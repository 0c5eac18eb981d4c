import type { Transport } from '../../../backup/transport.ts'
import { request } from './request.ts'
import { runJob } from './thread.ts'

/** Sends files in a thread of their own, whose end frees the memory that sending has taken. */
export const transport: Transport = async (asked) => {
  const { url, headers, body, total, signal } = asked
  if (body === undefined || !('path' in body)) return request(asked)
  const { status, body: text } = await runJob(
    'send',
    { href: url.href, headers, content: body, total },
    signal,
  )
  return { status, header: () => null, body: new Blob([text]).stream(), discard: () => {} }
}
