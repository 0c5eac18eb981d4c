// Whose tasks they are: users of another backend, and who they are here.
import { type Config, SHARED_SECRET_ISSUER } from '../../src/config.ts'
import { DomainError } from '../../src/core/errors.ts'
import { fold } from '../../src/core/text.ts'
import {
  expectFit,
  findImportedUser,
  type ImportedUser,
  type PresentUser,
} from '../../src/features/account/index.ts'
import { UsageError } from '../../src/runtimes/node/command-line.ts'
import type { UserTable } from './layout.ts'
import type { Pages } from './pages.ts'
import { decoded, idOf } from './values.ts'

/**
 * Who a user is here: the account of the e-mail address, or whom tokens name, which are signed with
 * the shared secret or with published keys.
 */
export type Manner =
  | { readonly by: 'email' }
  | { readonly by: 'secret' | 'jwks'; readonly issuer: string; readonly claim: string }
const MANNERS = ['email', 'secret', 'secret-email', 'jwks', 'jwks-email']

/** Throws UsageError. */
export const mannerOf = (
  asked: string | undefined,
  {
    sharedSecret,
    subjectClaim,
    jwksIssuer,
  }: Pick<Config, 'sharedSecret' | 'subjectClaim' | 'jwksIssuer'>,
): Manner => {
  if (asked !== undefined && !MANNERS.includes(asked))
    throw new UsageError(`--users takes ${MANNERS.join(', ')}`)
  if (asked === undefined && sharedSecret !== undefined && jwksIssuer)
    throw new UsageError(
      'a shared secret and published keys are configured: --users secret or --users jwks says whose subjects the users are',
    )
  const byAddress = asked?.endsWith('-email')
  const by =
    asked?.replace('-email', '') ??
    (jwksIssuer ? 'jwks' : sharedSecret !== undefined ? 'secret' : 'email')
  if (by === 'secret' && sharedSecret === undefined)
    throw new UsageError('--users secret needs the BETTER_AUTH_SECRET that the service has')
  if (by === 'jwks' && !jwksIssuer)
    throw new UsageError(
      '--users jwks needs the BETTER_AUTH_URL or AUTH_JWKS_URL that the service has',
    )
  if (by === 'jwks' && jwksIssuer)
    return { by, issuer: jwksIssuer.issuer, claim: byAddress ? 'email' : jwksIssuer.subjectClaim }
  return by === 'secret'
    ? { by, issuer: SHARED_SECRET_ISSUER, claim: byAddress ? 'email' : (subjectClaim ?? 'sub') }
    : { by: 'email' }
}

/** A user of the other backend: who that is here, or why nobody. */
type Person =
  | {
      readonly user: ImportedUser
      present: PresentUser | undefined
      counted: boolean
      planned: number
    }
  | { readonly refused: string }
export type Known = Extract<Person, { readonly user: ImportedUser }>

type Entry = { readonly email: string | undefined; readonly name: unknown }
type Options = {
  readonly ctx: Parameters<typeof findImportedUser>[0] | undefined
  readonly manner: Manner
  readonly intoExisting: boolean
  readonly users: readonly UserTable[]
  readonly pages: Pages
}
export type People = { of(id: string): Promise<Person> }

/** Reads all users, and looks each up here when it is asked for. */
export const readPeople = async ({
  ctx,
  manner,
  intoExisting,
  users,
  pages,
}: Options): Promise<People> => {
  const entries = new Map<string, Entry>()
  const addresses = new Map<string, number>()
  /** Ids that two tables give to users of different addresses. */
  const disputed = new Set<string>()
  for (const { name, id, email, called } of users)
    for await (const rows of pages(
      name,
      id,
      [email, called].filter((column) => column !== undefined),
    ))
      for (const row of rows) {
        const key = idOf(row.get(id.name), id)
        const address = email && decoded(row.get(email.name), email)
        const entry = {
          email: typeof address === 'string' && address.trim() !== '' ? address.trim() : undefined,
          name: called && decoded(row.get(called.name), called),
        }
        const before = entries.get(key)
        if (before) {
          if (entry.email && before.email && fold(entry.email) !== fold(before.email))
            disputed.add(key)
          continue
        }
        entries.set(key, entry)
        if (entry.email !== undefined)
          addresses.set(fold(entry.email), (addresses.get(fold(entry.email)) ?? 0) + 1)
      }

  const asUser = (id: string): ImportedUser | { readonly refused: string } => {
    // Some backends name the user of a task by the address.
    const itself = id.includes('@') ? { email: id, name: undefined } : undefined
    const entry = entries.get(id) ?? itself
    const { email, name } = entry ?? { email: undefined, name: undefined }
    if (manner.by !== 'email' && manner.claim !== 'email')
      return { issuer: manner.issuer, subject: id, name }
    if (!entry) return { refused: `its user ${id} is in no table users or user` }
    if (disputed.has(id)) return { refused: `its user ${id} has two e-mail addresses there` }
    if (email === undefined) return { refused: `its user ${id} has no e-mail address` }
    if ((addresses.get(fold(email)) ?? 0) > 1)
      return { refused: `its user ${id} has an e-mail address that another user there has, too` }
    return manner.by === 'email' ? { email, name } : { issuer: manner.issuer, subject: email, name }
  }

  const found = async (id: string): Promise<Person> => {
    const user = asUser(id)
    if ('refused' in user) return user
    try {
      expectFit(user)
      const present = ctx && (await findImportedUser(ctx, user))
      if (!intoExisting && 'email' in user && present?.hasPassword)
        return {
          refused: `its user ${id} has the e-mail address of an account that has a password already: --existing-accounts gives it the tasks`,
        }
      return { user, present, counted: false, planned: 0 }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      return { refused: `its user ${id} cannot be a user here: ${error.message}` }
    }
  }
  const known = new Map<string, Promise<Person>>()
  return {
    of: (id) => {
      const person = known.get(id) ?? found(id)
      known.set(id, person)
      return person
    },
  }
}
