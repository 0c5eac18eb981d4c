import type { Clock } from './clock.ts'

/** Makes ids: UUIDv7 (RFC 9562), each greater than the one before in this process. */
export type Ids = { next(): string }

const COUNTER_MAX = 0xfff

/** The parts of an id as text; `rest` is from its variant on: `9d4e-0123456789ab`. */
const idOf = (ms: number, counter: number, rest: string): string => {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${rest}`
}

/**
 * 48 bits of time, a 12-bit counter that starts at a random number in each millisecond, and 62
 * random bits.
 */
export const createIds = (clock: Clock): Ids => {
  let last = 0
  let counter = 0
  return {
    next: () => {
      const random = crypto.randomUUID()
      const now = clock.now()
      if (now > last) {
        last = now
        counter = Number.parseInt(random.slice(0, 3), 16) & 0x7ff
      } else if (++counter > COUNTER_MAX) {
        last++
        counter = 0
      }
      return idOf(last, counter, random.slice(19))
    },
  }
}

/** The last millisecond of which positions of new things are made. */
const LAST_MS = 3.4e12

/**
 * An id that is the same for the same things: of this time, with these counter and hexadecimal digits
 * (a hash, for example) in place of what is random. Sorted as others of that time.
 */
export const derivedId = (ms: number, counter: number, digits: string): string => {
  const time = Math.min(Math.max(0, Math.trunc(ms)), LAST_MS)
  const variant = ((Number.parseInt(digits.slice(0, 1), 16) & 0x3) | 0x8).toString(16)
  return idOf(time, counter & COUNTER_MAX, `${variant}${digits.slice(1, 4)}-${digits.slice(4, 16)}`)
}

/** Not greater than any id that is made at this time, in milliseconds since the epoch. */
export const firstIdOf = (ms: number): string => derivedId(ms, 0, '0'.repeat(16))

/** An id as one of another time: with the counter and the random digits of `id`. */
export const idAt = (ms: number, id: string): string => {
  const digits = id.replaceAll('-', '')
  return derivedId(ms, Number.parseInt(digits.slice(13, 16), 16), digits.slice(16))
}

/**
 * Ids before and after all others, for pages that begin with the first or end with the last.
 * Postgres accepts only UUIDs in their place.
 */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000'
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
export const isId = (text: string): boolean => UUID.test(text)
