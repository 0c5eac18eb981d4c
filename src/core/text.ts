/**
 * Text for comparisons in which case and width must not matter: search, sorting by title, e-mail
 * addresses.
 */
export const fold = (text: string): string =>
  text.replace(LONG_RUNS_OF_MARKS, '$1').normalize('NFKC').toLowerCase()

/**
 * Normalization sorts the marks after a letter, and takes the square of their number. No script has
 * more than 30.
 */
const LONG_RUNS_OF_MARKS = /(\p{M}{30})\p{M}+/gu

/**
 * Whether every database can store a text. Postgres cannot store NUL, and lone surrogates are not
 * UTF-8.
 */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
