const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '\r\n0\r\n\r\n'

/**
 * Where the HTTP/1.1 answer at the beginning of `text` (latin1) ends; undefined while some of it is
 * missing.
 */
export const endOfAnswer = (text: string): number | undefined => {
  const head = text.indexOf(HEAD_END)
  if (head < 0) return undefined
  const body = head + HEAD_END.length
  const fields = text.slice(0, head + 2)
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(fields)?.[1]
  if (length !== undefined)
    return text.length >= body + Number(length) ? body + Number(length) : undefined
  if (!/\r\ntransfer-encoding: *chunked\r\n/i.test(fields)) return body
  const last = text.indexOf(LAST_CHUNK, head + 2)
  return last < 0 ? undefined : last + LAST_CHUNK.length
}
