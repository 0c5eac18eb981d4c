// The text of an uploaded file, whose bytes come in chunks of any size: UTF-8, UTF-16 with or
// without a byte order mark; bytes that are not UTF-8 are read as Windows-1252 and counted.

/** Characters of a piece. */
const PIECE = 64 * 1024

export type Decoder = {
  /** Pieces that are complete. */
  add(chunk: Uint8Array): string[]
  end(): string[]
  /** Bytes that were not UTF-8. */
  readonly foreign: number
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

const encodingOf = ([a = 1, b = 1, c = 1, d = 1]: Uint8Array): Encoding => {
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  // A text in UTF-16 begins with letters that have a zero beside them.
  if (b === 0 && d === 0 && a !== 0 && c !== 0) return 'utf-16le'
  if (a === 0 && c === 0 && b !== 0 && d !== 0) return 'utf-16be'
  return 'utf-8'
}

/** Bytes of the sequence that this byte begins in UTF-8; 0 where it begins none. */
const lengthAt = (byte: number): number =>
  byte < 0x80
    ? 1
    : byte >= 0xc2 && byte <= 0xdf
      ? 2
      : byte >= 0xe0 && byte <= 0xef
        ? 3
        : byte >= 0xf0 && byte <= 0xf4
          ? 4
          : 0

/** The bytes at the end that may be the beginning of a character. */
const openEnd = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte >= 0xc0) return lengthAt(byte) > back ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** The character of each byte in Windows-1252. */
const western = new TextDecoder('windows-1252').decode(
  Uint8Array.from({ length: 256 }, (_, i) => i),
)

/** Folded lines of iCalendar may be cut within a character (RFC 5545, 3.1): joined again as bytes. */
const joined = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; at++) {
    const end = bytes[at] === 13 ? at + 1 : at
    const before = bytes[at - 1] ?? 0
    const after = bytes[end + 2] ?? 0
    if (
      bytes[end] === 10 &&
      (bytes[end + 1] === 32 || bytes[end + 1] === 9) &&
      before >= 0x80 &&
      (after & 0xc0) === 0x80
    )
      at = end + 1
    else out[size++] = bytes[at] as number
  }
  return out.subarray(0, size)
}

export const createDecoder = (): Decoder => {
  let encoding: Encoding | undefined
  let wide: InstanceType<typeof TextDecoder> | undefined
  let left = new Uint8Array()
  let text = ''
  let afterReturn = false
  let foreign = 0
  let begun = false

  const lenient = (bytes: Uint8Array): string => {
    let made = ''
    let from = 0
    const flush = (to: number) => {
      if (to > from) made += strict.decode(bytes.subarray(from, to))
    }
    for (let at = 0; at < bytes.length; ) {
      const length = lengthAt(bytes[at] as number)
      const isWhole = length > 0 && isSequence(bytes, at, length)
      if (!isWhole) {
        flush(at)
        made += western[bytes[at] as number]
        foreign++
        from = at + 1
      }
      at += isWhole ? length : 1
    }
    flush(bytes.length)
    return made
  }
  const utf8 = (given: Uint8Array): string => {
    try {
      return strict.decode(given)
    } catch {
      return lenient(joined(given))
    }
  }
  const decoded = (bytes: Uint8Array, last: boolean): string => {
    if (encoding !== 'utf-8') {
      wide ??= new TextDecoder(encoding)
      return wide.decode(bytes, { stream: !last })
    }
    const open = last ? 0 : openEnd(bytes)
    left = bytes.slice(bytes.length - open)
    return utf8(bytes.subarray(0, bytes.length - open))
  }
  /** Line ends are LF, and what no database can store is replaced. */
  const keep = (piece: string): void => {
    let made = piece
    if (!begun && made !== '') {
      begun = true
      if (made.startsWith('\ufeff')) made = made.slice(1)
    }
    if (afterReturn && made.startsWith('\n')) made = made.slice(1)
    if (made !== '') afterReturn = made.endsWith('\r')
    if (made.includes('\r')) made = made.replace(/\r\n?/g, '\n')
    if (made.includes('\0')) made = made.replaceAll('\0', '\ufffd')
    text += made.toWellFormed()
  }
  const pieces = (last: boolean): string[] => {
    const made: string[] = []
    let at = 0
    for (; text.length - at > PIECE; ) {
      // Not within a surrogate pair.
      const code = text.charCodeAt(at + PIECE - 1)
      const end = at + (code >= 0xd800 && code <= 0xdbff ? PIECE - 1 : PIECE)
      made.push(text.slice(at, end))
      at = end
    }
    text = text.slice(at)
    if (last && text !== '') {
      made.push(text)
      text = ''
    }
    return made
  }
  const take = (chunk: Uint8Array, last: boolean): string[] => {
    const bytes = left.length === 0 ? chunk : concat(left, chunk)
    left = new Uint8Array()
    if (encoding === undefined && bytes.length < 4 && !last) {
      left = bytes.slice()
      return []
    }
    encoding ??= encodingOf(bytes)
    keep(decoded(bytes, last))
    return pieces(last)
  }
  return {
    add: (chunk) => take(chunk, false),
    end: () => take(new Uint8Array(), true),
    get foreign() {
      return foreign
    },
  }
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const isSequence = (bytes: Uint8Array, at: number, length: number): boolean => {
  if (at + length > bytes.length) return false
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return false
  const [first, second] = [bytes[at] as number, bytes[at + 1] ?? 0]
  // Overlong forms, surrogates, and what is beyond Unicode.
  if (first === 0xe0) return second >= 0xa0
  if (first === 0xed) return second <= 0x9f
  if (first === 0xf0) return second >= 0x90
  if (first === 0xf4) return second <= 0x8f
  return true
}
