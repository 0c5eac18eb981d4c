// Lines of a text that comes in pieces.

/** Characters of a line that are looked at: a file may be one line. */
const MOST = 1024 * 1024

export type Line = {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** Whether the line was longer, and is cut here. */
  readonly cut: boolean
}

/** Lines without their ends (LF, CRLF). */
export const createLines = () => {
  let rest = ''
  let cut = false
  let number = 0
  const line = (text: string): Line => {
    const found = { number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text, cut }
    rest = ''
    cut = false
    return found
  }
  const keep = (text: string): void => {
    const room = MOST - rest.length
    if (text.length > room) cut = true
    rest += text.length > room ? text.slice(0, room) : text
  }
  return {
    *read(text: string): Generator<Line> {
      let from = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        keep(text.slice(from, end))
        from = end + 1
        yield line(rest)
      }
      keep(text.slice(from))
    },
    *end(): Generator<Line> {
      if (rest !== '') yield line(rest)
    },
  }
}
