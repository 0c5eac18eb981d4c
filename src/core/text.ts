/**
 * Text as it is compared where case and width should not matter: search, sorting by title, e-mail
 * addresses.
 */
export const fold = (text: string): string =>
  text.replace(LONG_RUNS_OF_MARKS, '$1').normalize('NFKC').toLowerCase()

/**
 * Normalization sorts the marks behind a letter, in time that grows with their square. No writing
 * has more than 30.
 */
const LONG_RUNS_OF_MARKS = /(\p{M}{30})\p{M}+/gu

/**
 * Text without NUL (Postgres has no place for it) and without lone surrogates (they are not UTF-8).
 */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
