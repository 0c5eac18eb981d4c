// What DATABASE_URL says. Nothing here opens anything, and no refusal repeats the URL: it may hold a password.

/** Where the database is: in the data folder, or in the file at `path` (relative to the working directory, or absolute). */
export type Location = { readonly kind: 'folder' } | { readonly kind: 'file'; readonly path: string }
/** Why a URL is not taken, and what to do instead. */
export type Refusal = { readonly refused: string }

const FILE = 'for a file write file:/path/to/taskport.db, for the embedded database leave it out'
const HERE_ONLY = `this version keeps its data in a libSQL file only: ${FILE}`

/** Schemes that other versions may take; SQLAlchemy's driver suffixes (`postgresql+asyncpg`) are cut off before. */
const otherDatabases = ['postgres', 'postgresql', 'mysql', 'mariadb', 'libsql', 'http', 'https', 'ws', 'wss']

/** The location that `url` names; blank means the data folder. */
export const parseDatabaseUrl = (url: string | undefined): Location | Refusal => {
  const text = url?.trim() ?? ''
  if (text === '') return { kind: 'folder' }
  if (/^psql\s/i.test(text)) return refuse('looks like a psql command: paste only the URL inside the quotes')
  if (/^['"`].*['"`]$/s.test(text)) return refuse('has quotes around it: paste only the URL inside the quotes')
  const scheme = /^([a-z][a-z0-9.-]{0,29})(?:\+[a-z0-9_]{1,30})?(:?)(\/\/)?/i.exec(text)
  const name = scheme?.[1]?.toLowerCase()
  if (name === undefined || !scheme) return refuse(`has no scheme: ${FILE}`)
  const [, , colon, slashes] = scheme
  if (known(name) && colon === '' && slashes) return refuse(`misses the colon after ${name}: write ${name}:// and so on`)
  if (colon === '') return refuse(`has no scheme: ${FILE}`)
  if (name === 'file') return fileUrl(text.slice('file:'.length))
  if (name === 'sqlite')
    return slashes ? sqliteUrl(text.slice(scheme[0].length)) : refuse('misses slashes after sqlite: write sqlite:///path/to/taskport.db')
  if (otherDatabases.includes(name))
    return slashes
      ? refuse(`names a ${name} database: ${HERE_ONLY}`)
      : refuse(`misses the slashes after ${name}: write ${name}:// and so on`)
  return refuse(slashes ? `names a ${name} database, which is not supported: ${HERE_ONLY}` : `is not the URL of a database: ${FILE}`)
}

const known = (name: string): boolean => name === 'file' || name === 'sqlite' || otherDatabases.includes(name)
const refuse = (refused: string): Refusal => ({ refused })

/** `file:x.db`, `file:/x.db` and `file:///x.db` (RFC 8089). */
const fileUrl = (rest: string): Location | Refusal => {
  if (!rest.startsWith('//')) return fileAt(rest)
  return rest.startsWith('///')
    ? fileAt(rest.slice(2))
    : refuse('names a host behind file://: write three slashes, file:///path/to/taskport.db')
}

/** SQLAlchemy's form: the path begins behind the third slash, so that `sqlite:///x.db` is relative and `sqlite:////x.db` absolute. */
const sqliteUrl = (rest: string): Location | Refusal =>
  rest === '' || rest.startsWith('/')
    ? fileAt(rest.slice(1))
    : refuse('names a host behind sqlite://: write three slashes, sqlite:///path/to/taskport.db')

const fileAt = (encoded: string): Location | Refusal => {
  if (/[?#]/.test(encoded)) return refuse('has parameters, which files do not take: remove everything from the question mark on')
  const path = decoded(encoded)
  if (path === undefined || /\p{Cc}/u.test(path)) return refuse('holds a path that is not percent-encoded correctly: correct it')
  if (path === '' || path === ':memory:') return refuse(`names no file, and a database in memory forgets everything: ${FILE}`)
  if (path.endsWith('/')) return refuse('names a folder: add the name of the file, as in file:/data/taskport.db')
  return { kind: 'file', path }
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
