// Files: `file:` (RFC 8089) and SQLAlchemy's `sqlite:///`.

/**
 * Why a URL is refused, and what to do: the part of a line after the variable's name, without the
 * URL.
 */
export type Refusal = { readonly refused: string }
export const refuse = (refused: string): Refusal => ({ refused })

export type FileLocation = { readonly kind: 'file'; readonly path: string }

export const FILE =
  'for a file write file:/path/to/taskport.db, for the embedded database leave it out'

/** `file:x.db`, `file:/x.db` and `file:///x.db`. */
export const fileUrl = (rest: string): FileLocation | Refusal => {
  if (!rest.startsWith('//')) return fileAt(rest)
  return rest.startsWith('///')
    ? fileAt(rest.slice(2))
    : refuse('names a host behind file://: write three slashes, file:///path/to/taskport.db')
}

/**
 * SQLAlchemy's form. The path begins after the third slash: `sqlite:///x.db` is relative,
 * `sqlite:////x.db` absolute.
 */
export const sqliteUrl = (rest: string): FileLocation | Refusal =>
  rest === '' || rest.startsWith('/')
    ? fileAt(rest.slice(1))
    : refuse('names a host behind sqlite://: write three slashes, sqlite:///path/to/taskport.db')

const fileAt = (encoded: string): FileLocation | Refusal => {
  if (/[?#]/.test(encoded))
    return refuse(
      'has parameters, which files do not take: remove everything from the question mark on',
    )
  const path = decoded(encoded)
  if (path === undefined || /\p{Cc}/u.test(path))
    return refuse('holds a path that is not percent-encoded correctly: correct it')
  if (path === '' || path === ':memory:')
    return refuse(`names no file, and a database in memory forgets everything: ${FILE}`)
  if (path.endsWith('/'))
    return refuse('names a folder: add the name of the file, as in file:/data/taskport.db')
  return { kind: 'file', path }
}

/** Percent-decoded text. Undefined if it is not encoded correctly. */
export const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
