// Why a database cannot be used, in one line for the operator: the variable, the reason, the
// remedy. The line may name host and port. It never names user, password or token.
import { HalfMigrated, NewerDatabase } from '../../db/migrate.ts'
import { causes, isStorageFull } from '../../db/portable.ts'
import { isRefused, isUnavailable } from '../../db/unavailable.ts'
import { UnsuitableDatabase } from '../../db/unsuitable.ts'
import type { DatabaseTarget, FileTarget, ServerTarget } from './database-target.ts'
import { Refusal, wordOf } from './refusal.ts'

export const refusalOf = (target: DatabaseTarget, error: unknown): Refusal =>
  new Refusal(
    notInstalled(error) ??
      (target.kind === 'file' ? ofFile(target, error) : ofServer(target, error)),
  )

/** The drivers are packages, which are loaded when the database is opened. */
const notInstalled = (error: unknown): string | undefined => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined
  const name = /'(@?[\w-]+(?:\/[\w-]+)?)'/.exec(String(message))?.[1]
  const what = name === undefined ? 'a package' : `the package ${name}`
  return `${what} is not installed: run npm ci in the folder of Taskport`
}

/** The messages of these errors name the remedy. */
const namesRemedy = (error: unknown): error is Error =>
  error instanceof NewerDatabase ||
  error instanceof HalfMigrated ||
  error instanceof UnsuitableDatabase

const ofFile = ({ path, variable }: FileTarget, error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_DLOPEN_FAILED')
    return `the native part of libSQL cannot be loaded (${message.split('\n')[0]}): as a single file set TMPDIR to a folder where this user may write files and load them, else run npm ci on this system`
  const leads = `${variable} leads to ${path}`
  if (namesRemedy(error)) return `${leads}, which cannot be used: ${error.message}`
  const present = presentIn(error)
  if (present !== undefined) return `${leads}, ${alreadyHas(present)}`
  const said = wordOf(error)
  const remedy = isStorageFull(error)
    ? `make room on that disk, or set ${variable} to another place`
    : `correct ${variable}, or put that file right`
  return `${leads}, which cannot be used as the database (${said}): ${remedy}`
}

const ofServer = (target: ServerTarget, error: unknown): string => {
  const { location } = target
  const leads = `DATABASE_URL leads to ${location.kind === 'libsql' ? 'libSQL' : location.kind} at ${placeOf(location)}`
  if (namesRemedy(error)) return `${leads}, which cannot be used: ${error.message}`
  const present = presentIn(error)
  if (present !== undefined) return `${leads}, ${alreadyHas(present)}`
  const said = reasonOf(error)
  const { reason, remedy } = kinds.find(({ matches }) => matches(said, error)) ?? other
  return `${leads}, ${reason} (${said}): ${remedy[location.kind === 'libsql' ? 'libsql' : 'sql']}`
}

/** What a migration was to make, and is there: the index of another program, for example. */
const presentIn = (error: unknown): string | undefined =>
  causes(error)
    .map(({ message }) => /(\w+ [`"']?[\w.]+[`"']?) already exists/.exec(String(message))?.[1])
    .find((found) => found !== undefined)
    ?.replace(/[`"']/g, '')
    .toLowerCase()
const alreadyHas = (present: string): string =>
  `which already has the ${present}, and Taskport did not make it: name an empty database`

const placeOf = (location: ServerTarget['location']): string =>
  'socket' in location && location.socket !== undefined
    ? location.socket
    : new URL(location.url).host

/**
 * The code or message of the innermost cause: fetch, for example, wraps the error of the socket.
 */
const reasonOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown }
  const inner = cause instanceof Error ? reasonOf(cause) : undefined
  const own = wordOf(error)
  // A URL in a message may hold a password.
  return (inner !== undefined && /^[A-Z0-9_]+$/.test(inner) ? inner : own)
    .replace(/\b[a-z+]+:\/\/\S*/gi, 'its address')
    .slice(0, 200)
}

type Remedy = { readonly sql: string; readonly libsql: string }
type Kind = { readonly reason: string; readonly remedy: Remedy }
const alike = (text: string): Remedy => ({ sql: text, libsql: text })

const kinds: readonly (Kind & { matches(said: string, error: unknown): boolean })[] = [
  {
    matches: (_said, error) =>
      /unsupported startup parameter/.test(String((error as Error).message)),
    reason: 'behind a pooler that refuses a setting of the URL',
    remedy: alike(
      'remove search_path, schema, options or application_name from it, and set them for the role (alter role … set …), or let the pooler pass them on',
    ),
  },
  {
    matches: (said) => /^28|ER_ACCESS_DENIED|HTTP status 40[13]|AUTH_|SASL/.test(said),
    reason: 'which does not let this user in',
    remedy: {
      sql: 'correct the user name and the password in DATABASE_URL',
      libsql: 'set DATABASE_AUTH_TOKEN to a token that is valid there',
    },
  },
  {
    matches: (said) => /^3D000|ER_BAD_DB_ERROR|ER_DBACCESS_DENIED|HTTP status 404/.test(said),
    reason: 'which has no such database for this user',
    remedy: alike('create it, or correct the name in DATABASE_URL'),
  },
  {
    // A Postgres server without TLS closes the connection, and the error of node:tls has no code
    // for that.
    matches: (said, error) =>
      /CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL|EPROTO/.test(said) ||
      /before secure TLS/.test(String((error as Error).message)),
    reason: 'and the encrypted connection cannot be made',
    remedy: {
      sql: 'correct the TLS parameters in DATABASE_URL, or the certificate there',
      libsql: 'correct the certificate there, or the scheme in DATABASE_URL',
    },
  },
  {
    matches: (said) => /^42501|ER_TABLEACCESS_DENIED|ER_SPECIFIC_ACCESS_DENIED/.test(said),
    reason: 'where this user may not make tables',
    remedy: alike(
      'give it that right, or run npm run db:migrate as another user and set MIGRATE to check',
    ),
  },
  {
    matches: (_said, error) => isStorageFull(error),
    reason: 'whose storage is full',
    remedy: alike('make room there'),
  },
  {
    matches: (_said, error) => isUnavailable(error) && !isRefused(error),
    reason: 'which cannot be reached',
    remedy: alike('start that server and let this machine connect to it, or correct DATABASE_URL'),
  },
]
const other: Kind = {
  reason: 'which cannot be used as the database',
  remedy: alike('correct DATABASE_URL, or put that server right'),
}
