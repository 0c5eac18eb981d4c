import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base62 = (n: number, width: number): string => {
  let text = ''
  for (let rest = n; text.length < width; rest = Math.floor(rest / 62))
    text = (DIGITS[rest % 62] as string) + text
  return text
}

/**
 * The position of a new thing: after everything older, without reading its neighbours. It is the
 * time and the counter of the thing's own UUIDv7, as one of fractional-indexing's ten-digit
 * integers (head `j`): seven digits of milliseconds, which last until 2081, and three of the
 * counter.
 */
export const newestPosition = (id: string): string =>
  `j${base62(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), 7)}${base62(Number.parseInt(id.slice(15, 18), 16), 3)}`

/**
 * Positions for `count` things in a row between two neighbours. Either may be missing, at the ends
 * of the list.
 */
export const positionsBetween = (
  before: string | null,
  after: string | null,
  count: number,
): string[] => generateNKeysBetween(before, after, count)

/** Whether other things can be placed next to this position. */
export const isPosition = (text: string): boolean => {
  try {
    return /^[A-Za-z][0-9A-Za-z]{1,99}$/.test(text) && generateKeyBetween(text, null) > text
  } catch {
    return false
  }
}
