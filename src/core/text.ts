/**
 * Text for comparisons in which case, width and what cannot be seen must not matter: search,
 * sorting by title, e-mail addresses. NFKC_Casefold (Unicode, 3.13): compatible characters are the
 * same, case is folded, ignorable characters are gone.
 */
export const fold = (text: string): string =>
  /[\u0080-\uffff]/.test(text)
    ? foldCase(withoutLongRuns(text.replace(IGNORABLE, '')).normalize('NFKC')).normalize('NFKC')
    : text.toLowerCase()

const IGNORABLE = /\p{Default_Ignorable_Code_Point}+/gu

/**
 * By way of upper case ß and the ligatures become letters. ẞ has no other upper case than itself,
 * so lower case comes first.
 */
const throughUpperCase = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase()

/**
 * Full case folding (Unicode, 3.13, toCasefold), which JavaScript lacks: ı stays what it is, a
 * final sigma is a sigma, and Cherokee folds to upper case.
 */
const foldCase = (text: string): string =>
  (text.includes('ı') ? text.replace(/[^ı]+/g, throughUpperCase) : throughUpperCase(text))
    .replaceAll('ς', 'σ')
    .replace(/[\u13f8-\u13fd\uab70-\uabbf]/g, (letter) => letter.toUpperCase())

/**
 * What search and sorting look at. Beyond `fold`, the dotted and the dotless i of Turkish are one
 * with i: the lower case of İSTANBUL and ISPARTA depends on the language of who types it.
 */
export const foldForSearch = (text: string): string => fold(text).replace(/i\u0307|ı/g, 'i')

/**
 * How e-mail addresses were folded before `fold` was what it is. Accounts whose address would be
 * that of another account now are stored so.
 */
export const foldAsBefore = (text: string): string =>
  withoutLongRuns(text).normalize('NFKC').toLowerCase()

/**
 * Normalization sorts the marks after a letter, and takes the square of their number. No script has
 * more than 30. The halfwidth voicing marks are letters until they are normalized.
 */
const withoutLongRuns = (text: string): string =>
  text.replace(/([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu, '$1')

/**
 * Whether nothing in a text can be seen: white space, controls, and characters that are ignorable
 * or drawn as nothing (the empty Braille pattern, interlinear anchors, the null notehead, the
 * Khitan filler, Egyptian controls).
 */
export const isBlank = (text: string): boolean =>
  /^[\s\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{1d159}\u{16fe4}\u{13430}-\u{13440}]*$/u.test(
    text,
  )

/**
 * Whether every database can store a text. Postgres cannot store NUL, and lone surrogates are not
 * UTF-8.
 */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
