import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base62 = (n: number, width: number): string => {
  let text = ''
  for (let rest = n; text.length < width; rest = Math.floor(rest / 62))
    text = (DIGITS[rest % 62] as string) + text
  return text
}

/**
 * The position of a new thing: behind everything older, without looking at its neighbours. It is
 * the time and the counter of the thing's own UUIDv7, written as one of fractional-indexing's
 * ten-digit integers (head `j`): milliseconds in seven digits, which last until 2081, the counter
 * in three.
 */
export const newestPosition = (id: string): string =>
  `j${base62(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), 7)}${base62(Number.parseInt(id.slice(15, 18), 16), 3)}`

/**
 * Keys for `count` things in a row between two neighbours, of which either may be missing (the ends
 * of the list).
 */
export const positionsBetween = (
  before: string | null,
  after: string | null,
  count: number,
): string[] => generateNKeysBetween(before, after, count)

/** Is this a key that others can be placed next to? */
export const isPosition = (text: string): boolean => {
  try {
    return /^[A-Za-z][0-9A-Za-z]{1,99}$/.test(text) && generateKeyBetween(text, null) > text
  } catch {
    return false
  }
}
