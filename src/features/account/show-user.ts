import { type Ctx, onBehalfOf, type Quotas } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { FIRST_ID, isId } from '../../core/ids.ts'
import { shownIdentity } from './identity.ts'
import { pageOfIdentities } from './openid/identities.ts'
import type { LinkedIdentity } from './openid/schemas.ts'
import type { User } from './schemas.ts'
import {
  findByEmail,
  findUserWithCounts,
  pageOfSessions,
  pageOfUsers,
  type UserWithCounts,
} from './store.ts'

type OperatorCtx = Omit<Ctx, 'actor'>

/** A user as operators see them. */
export type ListedUser = User & {
  /** The issuer whose tokens made this user, and their name there; null for an account. */
  readonly issuer: string | null
  readonly subject: string | null
  readonly has_password: boolean
  /** How much there is of what quotas limit. */
  readonly used: Quotas
}
export type ShownUser = ListedUser & {
  readonly identities: readonly LinkedIdentity[]
  readonly sessions: number
  readonly last_used_at: string | null
}

const PAGE = 500

/** Every user, in the order in which they came: for the operator, never for a request. */
export async function* listUsers(ctx: OperatorCtx): AsyncGenerator<ListedUser> {
  for (let after = FIRST_ID; ; ) {
    const rows = await pageOfUsers(ctx, PAGE, after)
    yield* rows.map(listed)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.id
  }
}

const MOST = 1_000

/**
 * The user of this e-mail address or id: for the operator, never for a request. Throws `not_found`.
 */
export const showUser = async (ctx: OperatorCtx, who: string): Promise<ShownUser> => {
  const user = await findUserWithCounts(ctx, await idOf(ctx, who))
  if (!user) throw notFound('account')
  const self = onBehalfOf(ctx, user.id)
  const identities = await pageOfIdentities(self, MOST, undefined)
  const sessions = await pageOfSessions(self, MOST, undefined)
  const used = sessions.map(({ last_used_at }) => last_used_at).toSorted()
  return {
    ...listed(user),
    identities: identities.map(shownIdentity),
    sessions: sessions.length,
    last_used_at: used.at(-1) ?? null,
  }
}

/** The id of the user of this e-mail address or id. Throws `not_found`. */
const idOf = async (ctx: OperatorCtx, who: string): Promise<string> => {
  if (isId(who)) return who
  const user = await findByEmail(ctx, who.trim())
  if (!user) throw notFound('account')
  return user.id
}

const listed = (row: UserWithCounts): ListedUser => {
  const { tasks, projects, labels, keys, bytes, issuer, subject, passwordHash, ...user } = row
  const external = issuer !== ''
  return {
    ...user,
    issuer: external ? issuer : null,
    subject: external ? subject : null,
    has_password: passwordHash !== null,
    used: { tasks, projects, labels, keys, bytes },
  }
}
