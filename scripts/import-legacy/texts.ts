// Texts of another backend within the bounds of this one.
import { MAX_DESCRIPTION_BYTES, MAX_TITLE, Title } from '../../src/features/tasks/index.ts'

/** A text that can be stored, and why it is not all of the given one. */
export type Fitted = { readonly text: string; readonly reasons: readonly string[] }

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is what this does.
const UNSTORABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g

/** Without NUL, other control characters and lone surrogates. */
export const storable = (given: string): Fitted => {
  const text = given.toWellFormed().replace(UNSTORABLE, '')
  const reasons = text === given ? [] : ['characters that no text may hold are taken out']
  return { text, reasons }
}

const NO_TITLE = '(no title)'

/** What has no title gets one. One that is too long is cut: `whole` has to be kept elsewhere. */
export const fittedTitle = (given: unknown): Fitted & { readonly whole?: string } => {
  const { text, reasons } = storable(given === null ? '' : String(given))
  if (Title.safeParse(text).success) return { text, reasons }
  const characters = [...text]
  if (characters.length <= MAX_TITLE)
    return { text: NO_TITLE, reasons: [...reasons, `it is blank: ${NO_TITLE} stands for it`] }
  const cut = `${characters.slice(0, MAX_TITLE - 1).join('')}…`
  const why = `it has ${characters.length} characters and is cut to ${MAX_TITLE}: the whole begins the description`
  return Title.safeParse(cut).success
    ? { text: cut, reasons: [...reasons, why], whole: text }
    : { text: NO_TITLE, reasons: [...reasons, why], whole: text }
}

const encoder = new TextEncoder()
/** What is too long loses its end. */
export const fittedDescription = (given: string): Fitted => {
  const { text, reasons } = storable(given)
  const bytes = encoder.encode(text)
  if (bytes.length <= MAX_DESCRIPTION_BYTES) return { text, reasons }
  // The first byte of a character is none of the form 10xxxxxx.
  let end = MAX_DESCRIPTION_BYTES
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const lost = bytes.length - end
  const why = `it has ${bytes.length} bytes: the last ${lost} are left out`
  return { text: new TextDecoder().decode(bytes.subarray(0, end)), reasons: [...reasons, why] }
}
