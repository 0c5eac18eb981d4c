// The first file of a form (RFC 7578), while its bytes arrive. Nothing else of the form is kept.
import { invalid } from '../core/errors.ts'
import type { Sink } from './body.ts'

/** The boundary that a Content-Type names (RFC 2046, 5.1.1). */
export const boundaryOf = (header: string): string | undefined => {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(header) ?? []
  return quoted ?? plain
}

/** Bytes of the headers of a part. */
const MOST_HEADERS = 16 * 1024

const malformed = (detail: string) => invalid({ at: ['file'], code: 'malformed', detail })

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const indexOf = (bytes: Uint8Array, wanted: Uint8Array, from = 0): number => {
  const [first = 0] = wanted
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + wanted.length > bytes.length) return -1
    let i = 1
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++
    if (i === wanted.length) return at
  }
  return -1
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const END_OF_HEADERS = encoder.encode('\r\n\r\n')

/** Passes the bytes of the file on to `pass`, its name before. `end` throws where there was none, or it has no end. */
export const fileIn = (
  boundary: string,
  { pass, named }: { readonly pass: Sink; named(name: string): void },
): { readonly sink: Sink; end(): void } => {
  // The line end before a boundary belongs to it; the first one may have none.
  const delimiter = encoder.encode(`\r\n--${boundary}`)
  let rest: Uint8Array = encoder.encode('\r\n')
  /** Does the line end behind the headers come next? */
  let begins = false
  let state: 'before' | 'headers' | 'file' | 'field' | 'done' = 'before'

  const step = (): Uint8Array | 'more' | 'again' => {
    if (state === 'done') {
      rest = new Uint8Array()
      return 'more'
    }
    if (state === 'headers') {
      if (rest[0] === 45 && rest[1] === 45) throw malformed('The form has no file.')
      const end = indexOf(rest, END_OF_HEADERS)
      if (end < 0 && rest.length > MOST_HEADERS)
        throw malformed('A part of the form has too many headers.')
      if (end < 0) return 'more'
      const headers = decoder.decode(rest.subarray(0, end))
      // The second line end stays: where the part is empty, it belongs to the delimiter.
      rest = rest.subarray(end + END_OF_HEADERS.length - 2)
      begins = true
      const [, name] = /;\s*filename="([^"]*)"/i.exec(headers) ?? []
      if (name !== undefined) named(name)
      state = name !== undefined || /;\s*name="?file"?/i.test(headers) ? 'file' : 'field'
      return 'again'
    }
    const at = indexOf(rest, delimiter)
    // What may be the beginning of the delimiter stays.
    const content = at >= 0 ? at : Math.max(0, rest.length - delimiter.length + 1)
    if (begins && at < 0 && content < 2) return 'more'
    const bytes = rest.subarray(begins && at !== 0 ? 2 : 0, content)
    begins = false
    rest = at >= 0 ? rest.subarray(at + delimiter.length) : rest.slice(content)
    const isFile = state === 'file'
    if (at >= 0) state = isFile ? 'done' : 'headers'
    if (isFile && bytes.length > 0) return bytes
    return at >= 0 ? 'again' : 'more'
  }
  const sink: Sink = (chunk) => {
    rest = joined(rest, chunk)
    for (;;) {
      const made = step()
      if (made === 'more') return undefined
      if (made === 'again') continue
      const wait = pass(made)
      if (state === 'done' || rest.length < delimiter.length) return wait
      if (wait) return wait.then(() => sink(new Uint8Array()))
    }
  }
  return {
    sink,
    end: () => {
      if (state !== 'done')
        throw malformed(
          state === 'file' ? 'The form ends in the middle of the file.' : 'The form has no file.',
        )
    },
  }
}
