// The values of a large JSON document, one by one, while its text comes in pieces: the elements of
// an array, and for an object its members, those that are arrays element by element. Each value is
// parsed by itself, so that neither a deep nor a long document is ever in memory as a whole.

export type Value = {
  /** The member that it is, or is an element of; undefined at the top of an array. */
  readonly member: string | undefined
  /** Whether it is an element of an array. */
  readonly element: boolean
  /** Undefined where it could not be read; `fault` says why. */
  readonly value: unknown
  readonly fault: string | undefined
}

/** Characters of one value, and how deep it may be. */
const MOST = 1024 * 1024
const DEEPEST = 32

const TOO_LARGE = `It is longer than ${MOST} characters.`
const TOO_DEEP = `It is nested more than ${DEEPEST} levels deep.`

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const isOpening = (code: number) => code === 123 || code === 91
const isClosing = (code: number) => code === 125 || code === 93
const isBlank = (code: number) => code === 32 || code === 10 || code === 13 || code === 9

/** Where it is: at the top, in the object there, or in an array that is one of its members. */
type Level = 'top' | 'object' | 'array'

type Way = {
  /** Is an object at the top a value, too, as in files with one a line? */
  readonly wholeObjects?: boolean
}

export const createJsonValues = ({ wholeObjects = false }: Way = {}) => {
  const levels: Level[] = ['top']
  let member: string | undefined
  /** The text of the value that is being read. */
  let text = ''
  let depth = 0
  let inString = false
  let escaped = false
  let fault: string | undefined
  /** Where the present value, or the name of a member, begins in the present piece; -1: nowhere. */
  let begin = -1
  /** In an object: is a name next, and not a value? */
  let naming = false

  let isList = false

  const level = (): Level => levels.at(-1) as Level
  const take = (piece: string): void => {
    if (text.length + piece.length > MOST) {
      fault ??= TOO_LARGE
      text = ''
    } else if (fault === undefined) text += piece
  }
  const parsed = (): { value: unknown; fault: string | undefined } => {
    if (fault !== undefined) return { value: undefined, fault }
    try {
      return { value: JSON.parse(text), fault: undefined }
    } catch {
      return { value: undefined, fault: 'It is not JSON.' }
    }
  }
  const reset = (): void => {
    text = ''
    fault = undefined
    depth = 0
    begin = -1
  }
  /** The value that ends here; undefined for the name of a member. */
  const ended = (): Value | undefined => {
    const { value, fault: why } = parsed()
    const element = level() === 'array'
    reset()
    if (level() === 'object' && naming) {
      naming = false
      member = typeof value === 'string' ? value : undefined
      return undefined
    }
    if (level() === 'object') naming = true
    return { member, element, value, fault: why }
  }
  /** Does this bracket begin what is read element by element? */
  const enters = (code: number): boolean => {
    if (level() === 'top') {
      if (wholeObjects && code === 123) return false
      levels.push(code === 123 ? 'object' : 'array')
      isList ||= code === 91
      naming = code === 123
      return true
    }
    if (level() === 'object' && !naming && code === 91) {
      levels.push('array')
      return true
    }
    return false
  }
  const leaves = (): void => {
    if (levels.length > 1) levels.pop()
    if (level() === 'object') naming = true
  }

  return {
    *read(piece: string): Generator<Value> {
      if (begin >= 0) begin = 0
      for (let at = 0; at < piece.length; at++) {
        const code = piece.charCodeAt(at)
        if (inString) {
          if (escaped) escaped = false
          else if (code === BACKSLASH) escaped = true
          else if (code === QUOTE) {
            inString = false
            if (depth === 0) {
              take(piece.slice(begin, at + 1))
              const value = ended()
              if (value) yield value
            }
          }
          continue
        }
        if (code === QUOTE) {
          if (begin < 0) begin = at
          inString = true
        } else if (isOpening(code)) {
          if (begin < 0 && enters(code)) continue
          if (begin < 0) begin = at
          depth++
          if (depth > DEEPEST) fault ??= TOO_DEEP
        } else if (isClosing(code)) {
          if (depth > 0) {
            depth--
            if (depth === 0) {
              take(piece.slice(begin, at + 1))
              const value = ended()
              if (value) yield value
            }
            continue
          }
          if (begin >= 0) {
            take(piece.slice(begin, at))
            const value = ended()
            if (value) yield value
          }
          leaves()
        } else if (depth === 0 && (code === COMMA || code === COLON || isBlank(code))) {
          if (begin < 0) continue
          take(piece.slice(begin, at))
          const value = ended()
          if (value) yield value
        } else if (begin < 0) begin = at
      }
      if (begin >= 0) take(piece.slice(begin))
    },
    *end(): Generator<Value> {
      if (begin >= 0) yield { member, element: level() === 'array', value: undefined, fault: CUT }
      else if (levels.length > 1)
        yield { member: undefined, element: false, value: undefined, fault: CUT }
    },
    /** Was there an array at the top? */
    isList: () => isList,
  }
}
export const CUT = 'The file ends in the middle.'
