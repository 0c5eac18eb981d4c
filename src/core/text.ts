/** Text as it is compared where case and width should not matter: search, sorting by title, e-mail addresses. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase()

/** A LIKE pattern for text that contains `part`; `!` escapes, because a backslash means something else on MySQL. */
export const containing = (part: string): string => `%${part.replace(/[!%_]/g, '!$&')}%`

/** Text without NUL (Postgres has no place for it) and without lone surrogates (they are not UTF-8). */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
