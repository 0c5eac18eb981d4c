// JSON bodies, bounded before they are parsed: parsing 1 MiB of keys takes longer than everything
// else that a request does.
import { invalid } from '../core/errors.ts'
import { HttpProblem } from './problem.ts'

/** A task with all of its fields and labels holds less than a tenth of this. */
const MAX_VALUES = 1_000
/** No schema is deeper than four. */
const MAX_DEPTH = 32
/** A body of at most this many bytes is parsed in less time than bounding it could save. */
const SMALL = 4 * 1024

/** A parsed body; `cut`: it holds more values than this, and `value` is its beginning. */
export type Json = { readonly value: unknown; readonly cut: number | undefined }

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses a body (RFC 8259). Throws `malformed_text`, `malformed_json`, and `invalid` for an empty
 * body.
 */
export const parseJson = (bytes: Uint8Array, max = MAX_VALUES): Json => {
  if (bytes.byteLength === 0)
    throw invalid({ at: [], code: 'required', detail: 'A JSON body is required.' })
  const excess = bytes.byteLength > SMALL ? excessOf(bytes, max) : undefined
  try {
    if (!excess) return { value: JSON.parse(decoder.decode(bytes)), cut: undefined }
    const beginning = decoder.decode(bytes.subarray(0, excess.end)) + excess.closing
    return { value: JSON.parse(beginning), cut: max }
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new HttpProblem('malformed_json', `The body is not JSON: ${error.message}.`)
    if (error instanceof TypeError)
      throw new HttpProblem('malformed_text', 'The body is not UTF-8.')
    throw tooDeep()
  }
}

/** Text in UTF-8. Throws `malformed_text`. */
export const textOf = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new HttpProblem('malformed_text', 'The body is not UTF-8.')
  }
}

const tooDeep = () =>
  new HttpProblem('malformed_json', `The body is nested too deeply: at most ${MAX_DEPTH} levels.`)

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  34, 44, 91, 92, 93, 123, 125,
]

/**
 * Where a body holds too much: the comma at which it is cut, and what closes the lists and objects
 * that are open there. Everything that it looks for is ASCII, whose bytes mean nothing else in
 * UTF-8. Throws `malformed_json` for depth.
 */
const excessOf = (
  bytes: Uint8Array,
  max: number,
): { readonly end: number; readonly closing: string } | undefined => {
  const open: string[] = []
  let values = 1
  let quoted = false
  for (let i = 0; i < bytes.byteLength; i++) {
    const byte = bytes[i]
    if (quoted) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === COMMA) {
      if (++values > max) return { end: i, closing: open.toReversed().join('') }
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (open.length === MAX_DEPTH) throw tooDeep()
      open.push(byte === OPEN_LIST ? ']' : '}')
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) open.pop()
  }
  return undefined
}

/** What is said of a body that was cut. */
export const cutAt = (max: number) => ({
  at: [],
  code: 'too_big',
  detail: `A body holds at most ${max} values. What follows them was not looked at.`,
})
