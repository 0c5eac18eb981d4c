import type { SendFile } from '../../../backup/s3.ts'
import { inThread } from './thread.ts'

/** In a thread of its own: what sending leaves behind is given back with it. */
export const sendFile: SendFile = async ({ href }, { headers, content: { path, bytes }, deadline }) => {
  const { status, body } = await inThread('send', { href, headers: Object.fromEntries(headers), path, bytes, deadline })
  return new Response(body, { status })
}
