// Sessions and their refresh tokens, which are rotated at each use (RFC 9700, 4.14.2).
import { SKEW_MS } from '../../../core/clock.ts'
import { type Ctx, now } from '../../../core/context.ts'
import { DomainError } from '../../../core/errors.ts'
import { randomText, sha256 } from '../../../core/secrets.ts'
import { type Instant, instantOf } from '../../../db/instant.ts'
import { type Write, write } from '../../../db/statement.ts'
import { unauthenticated } from './jwt-errors.ts'
import {
  firstToken,
  genuineOf,
  looksLikeRefreshToken,
  sessionsOf,
  successorOf,
} from './refresh-tokens.ts'
import { sessionStatements } from './session-statements.ts'

/** A session and the refresh token that continues it. */
export type SignIn = {
  readonly userId: string
  readonly sessionId: string
  readonly refreshToken: string
}

/** A refresh token, and with it its session, lives this long from when it was issued. */
const REFRESH_MS = 30 * 24 * 60 * 60 * 1000
/** An answer may be lost on its way: for this long a spent token gets the same successor again. */
const REPEAT_MS = 10_000
const MAX_USER_AGENT = 300

type SessionCtx = Pick<Ctx, 'db' | 'clock' | 'moment'>

/**
 * A new session of `userId`: its writes, and what its owner gets. Where the user has a thousand
 * sessions, the first write ends one that was never refreshed, else the one that was refreshed
 * longest ago. Those that have expired are left to maintenance, which does not trust one reading of
 * the clock.
 */
export const newSession = async (
  ctx: SessionCtx & Pick<Ctx, 'ids'>,
  { userId, userAgent }: { readonly userId: string; readonly userAgent: string | undefined },
): Promise<{ writes: Write[]; signIn: SignIn }> => {
  const { insert, dropSessions } = sessionStatements(ctx.db)
  const [id, salt, at] = [ctx.ids.next(), randomText(), now(ctx)]
  const refreshToken = await firstToken({ sessionId: id, salt })
  const session = {
    id,
    userId,
    userAgent: userAgentOf(userAgent),
    createdAt: at,
    lastUsedAt: at,
    expiresAt: expiry(at),
  }
  return {
    writes: [
      write(dropSessions, { userId }),
      write(insert, session),
      await keepToken(ctx, { sessionId: id, salt }, refreshToken, at),
    ],
    signIn: { userId, sessionId: id, refreshToken },
  }
}

/** What fits and can be stored of a User-Agent header. */
const userAgentOf = (header: string | undefined): string | null =>
  header === undefined
    ? null
    : [...header.replaceAll('\0', '').toWellFormed()].slice(0, MAX_USER_AGENT).join('')

const expiry = (at: Instant): Instant => instantOf(Date.parse(at) + REFRESH_MS)

type Family = { readonly sessionId: string; readonly salt: string }

const keepToken = async (
  ctx: SessionCtx,
  { sessionId, salt }: Family,
  token: string,
  at: Instant,
): Promise<Write> =>
  write(sessionStatements(ctx.db).insertToken, {
    hash: await sha256(token),
    sessionId,
    salt,
    spentAt: null,
    expiresAt: expiry(at),
  })

const ATTEMPTS = 5

/**
 * Spends a refresh token. The successor is made of the token and the salt of its session, so that a
 * client that repeats the request within ten seconds, or makes it twice at once, gets the same one,
 * although only hashes are stored. Answers `reused`, and the session has ended, for a token that
 * was spent before that or whose successor was used, also where its row is gone: one of the two who
 * had it stole it. `admit` is told whose token it is before anything is written, and may throw.
 * Throws `unauthenticated`.
 */
export const refreshSession = async (
  ctx: SessionCtx,
  token: string,
  admit: (userId: string) => void = () => {},
): Promise<SignIn | 'reused'> => {
  if (!looksLikeRefreshToken(token)) throw unauthenticated('The refresh token is malformed.')
  const hash = await sha256(token)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await ctx.db.one(sessionStatements(ctx.db).token, { hash })
    if (!found) return endForgotten(ctx, token, hash)
    const { userId, sessionId, salt, spentAt } = found
    if (attempt === 0) admit(userId)
    const signIn = {
      userId,
      sessionId,
      refreshToken: await successorOf({ sessionId, salt }, token),
    }
    if (spentAt !== null) return answerSpent(ctx, spentAt, signIn)
    if (found.expiresAt <= now(ctx) || found.sessionExpiresAt <= now(ctx)) throw expired()
    if (await rotate(ctx, { hash, salt }, signIn)) return signIn
  }
  throw new DomainError(
    'write_conflict',
    'This refresh token is being used elsewhere at the same moment. Try again.',
  )
}

const expired = (): DomainError => unauthenticated('The refresh token has expired. Sign in again.')

/**
 * A repetition gets the successor again, anything else ends the session. But where the successor,
 * never used, has expired as well, nothing can go on with the session: so it need not end, and a
 * repetition while the clock is ahead ends no session for good.
 */
const answerSpent = async (
  ctx: SessionCtx,
  spentAt: Instant,
  signIn: SignIn,
): Promise<SignIn | 'reused'> => {
  const hash = await sha256(signIn.refreshToken)
  const successor = await ctx.db.one(sessionStatements(ctx.db).token, { hash })
  if (successor?.spentAt !== null) return endReused(ctx, signIn.sessionId)
  const [spent, at] = [Date.parse(spentAt), ctx.clock.now()]
  // Spent while the clock was ahead: how long ago is not known.
  if (successor.expiresAt <= now(ctx) || spent - at > SKEW_MS) throw expired()
  return at - spent > REPEAT_MS ? endReused(ctx, signIn.sessionId) : signIn
}

const endReused = async (ctx: SessionCtx, id: string): Promise<'reused'> => {
  await ctx.db.atomic([write(sessionStatements(ctx.db).end, { id })])
  return 'reused'
}

/**
 * A token that is not there any more: a session that made it has ended, or goes on and has spent it
 * long ago.
 */
const endForgotten = async (ctx: SessionCtx, token: string, hash: string): Promise<'reused'> => {
  for (const family of await ctx.db.all(sessionStatements(ctx.db).between, sessionsOf(token)))
    if ((await sha256(await genuineOf(family, token))) === hash)
      return endReused(ctx, family.sessionId)
  throw unauthenticated('The refresh token is unknown, or its session has ended. Sign in again.')
}

/**
 * False where another request spent the token first. The session's row comes first, as wherever
 * sessions end.
 */
const rotate = async (
  ctx: SessionCtx,
  { hash, salt }: { readonly hash: string; readonly salt: string },
  { sessionId, refreshToken }: SignIn,
): Promise<boolean> => {
  const { prolong, spend, dropTokens } = sessionStatements(ctx.db)
  const at = now(ctx)
  const outcome = await ctx.db.atomic(
    [
      write(prolong, { id: sessionId, lastUsedAt: at, expiresAt: expiry(at) }),
      write(spend, { hash, spentAt: at }),
      await keepToken(ctx, { sessionId, salt }, refreshToken, at),
      write(dropTokens, { sessionId, hash }),
    ],
    { mustTouch: [0, 1] },
  )
  return outcome !== 'stale'
}

/** Is this session of this user still on? */
export const isLive = async (ctx: SessionCtx, id: string, userId: string): Promise<boolean> =>
  (await ctx.db.one(sessionStatements(ctx.db).live, { id, now: now(ctx) }))?.userId === userId

/** Touches no row when the session has ended: in a batch, it makes sure that it has not. */
export const holdSession = (ctx: SessionCtx, id: string, userId: string): Write =>
  write(sessionStatements(ctx.db).hold, { id, userId, lastUsedAt: now(ctx) })

/** Ends a session of this user, with its refresh tokens. */
export const endSessionRow = (ctx: SessionCtx, id: string, userId: string): Write =>
  write(sessionStatements(ctx.db).endOwn, { id, userId })

/** Ends all sessions of this user but `id`. */
export const endOtherSessions = (ctx: SessionCtx, id: string, userId: string): Write =>
  write(sessionStatements(ctx.db).endOthers, { id, userId })
