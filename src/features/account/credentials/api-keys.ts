// API keys: how they look, and whose they are.
import { and, eq, gt, isNull, lte, or } from 'drizzle-orm'
import { type Scope, scopes } from '../../../core/access.ts'
import { SKEW_MS } from '../../../core/clock.ts'
import { type Actor, type Ctx, now } from '../../../core/context.ts'
import { checksum, randomText, sha256 } from '../../../core/secrets.ts'
import { noteSuperseded } from '../../../core/superseded.ts'
import { perDialect } from '../../../db/database.ts'
import { type Instant, instantOf } from '../../../db/instant.ts'
import { isSuperseded } from '../../../db/portable.ts'
import { compile, placeholders, query, value, write } from '../../../db/statement.ts'
import { unauthenticated } from './jwt-errors.ts'

const PREFIX = 'tpk_'
const KEY = /^(tpk_[\w-]{43})([\w-]{6})$/
/** Characters that a list shows of a key: its prefix and 48 bits. */
const SHOWN = 12
/** `last_used_at` is written at most this often. */
const USE_NOTED_MS = 60_000

export const looksLikeApiKey = (credential: string): boolean => credential.startsWith(PREFIX)

/** A new key: `tpk_`, 256 random bits in base64url, and a checksum; with what is stored of it. */
export const newApiKey = async (): Promise<{
  readonly key: string
  readonly prefix: string
  readonly hash: string
}> => {
  const secret = PREFIX + randomText()
  const key = secret + (await checksum(secret))
  return { key, prefix: key.slice(0, SHOWN), hash: await sha256(key) }
}

type Row = {
  id: string
  userId: string
  subject: string
  scopes: string[]
  expiresAt: Instant | null
  lastUsedAt: Instant | null
}

const statements = perDialect(({ q, t: { apiKeys, users } }) => ({
  byHash: query<Row>(
    q
      .select({
        id: apiKeys.id,
        userId: apiKeys.userId,
        subject: users.subject,
        scopes: apiKeys.scopes,
        expiresAt: apiKeys.expiresAt,
        lastUsedAt: apiKeys.lastUsedAt,
      })
      .from(apiKeys)
      .innerJoin(users, and(eq(users.id, apiKeys.userId), isNull(users.deletedAt)))
      .where(eq(apiKeys.hash, value(apiKeys.hash, 'hash'))),
  ),
  used: compile(
    q
      .update(apiKeys)
      .set(placeholders(['lastUsedAt']))
      .where(
        and(
          eq(apiKeys.id, value(apiKeys.id, 'id')),
          or(
            isNull(apiKeys.lastUsedAt),
            lte(apiKeys.lastUsedAt, value(apiKeys.lastUsedAt, 'before')),
            gt(apiKeys.lastUsedAt, value(apiKeys.lastUsedAt, 'ahead')),
          ),
        ),
      ),
  ),
}))

type KeyCtx = Pick<Ctx, 'db' | 'clock' | 'log'>

/**
 * The actor behind an API key and when the key expires (milliseconds, Infinity for never). Throws
 * `unauthenticated`.
 */
export const actorOfKey = async (
  ctx: KeyCtx,
  key: string,
): Promise<{ actor: Actor; expiresAt: number }> => {
  const [, secret, check] = KEY.exec(key) ?? []
  if (secret === undefined || (await checksum(secret)) !== check)
    throw unauthenticated('The API key is malformed: it was mistyped or cut short.')
  const row = await ctx.db.one(statements(ctx.db).byHash, { hash: await sha256(key) })
  if (!row) throw unauthenticated('The API key is unknown or was deleted.')
  if (row.expiresAt !== null && row.expiresAt <= now(ctx))
    throw unauthenticated('The API key has expired.')
  noteUse(ctx, row)
  const { id: keyId, userId, subject } = row
  return {
    actor: { kind: 'key', userId, subject, keyId, scopes: scopesIn(row.scopes) },
    expiresAt: row.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(row.expiresAt),
  }
}

/** Those of the stored scopes that this version knows. */
export const scopesIn = (stored: readonly string[]): Scope[] =>
  scopes.filter((scope) => stored.includes(scope))

/** No request waits for this write, or fails without it. */
const noteUse = (ctx: KeyCtx, { id, lastUsedAt }: Row): void => {
  const at = ctx.clock.now()
  const [before, ahead] = [instantOf(at - USE_NOTED_MS), instantOf(at + SKEW_MS)]
  // A use in the future was noted while the clock was ahead.
  if (lastUsedAt !== null && lastUsedAt > before && lastUsedAt <= ahead) return
  ctx.db
    .atomic([write(statements(ctx.db).used, { id, before, ahead, lastUsedAt: instantOf(at) })])
    .catch((error: unknown) => {
      if (isSuperseded(error)) return noteSuperseded(ctx.log)
      ctx.log.warning('the use of an API key could not be noted', { key_id: id, error })
    })
}
