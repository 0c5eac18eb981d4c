/**
 * Bytes of a body that are read and discarded before its request is answered. workerd closes a
 * connection on which more than 64 KiB of a body are unread, and a client that still sends, like
 * the proxy of `wrangler dev`, may then lose the response (RFC 9112, 9.6).
 */
const LEFT_BYTES = 2 * 1024 * 1024
/** A body that does not arrive delays the response by no more than this. */
const LEFT_MS = 500

/** Reads and discards the rest of a body that was refused, within both limits. Never throws. */
export const discardRest = async ({ body, headers }: Request): Promise<void> => {
  if (!body || body.locked) return
  if (Number(headers.get('content-length')) > LEFT_BYTES) return
  const reader = body.getReader()
  const late = setTimeout(() => reader.cancel().catch(() => {}), LEFT_MS)
  try {
    for (let left = LEFT_BYTES; left > 0; ) {
      const { done, value } = await reader.read()
      if (done) return
      left -= value.byteLength
    }
  } catch {
    // The client has gone, or the time is over.
  } finally {
    clearTimeout(late)
    reader.releaseLock()
  }
}
