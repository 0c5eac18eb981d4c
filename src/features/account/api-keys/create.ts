import { now } from '../../../core/context.ts'
import { DomainError, invalid } from '../../../core/errors.ts'
import { actorIdOf, ownAccount } from '../../../core/parties.ts'
import { type Plan, retrying } from '../../../core/unit-of-work.ts'
import { instantOf } from '../../../db/instant.ts'
import { newApiKey } from '../credentials/api-keys.ts'
import { holdSession, isLive } from '../credentials/sessions.ts'
import type { ApiKeyCtx } from './context.ts'
import type { MadeApiKey, NewApiKey } from './schemas.ts'
import { insertApiKey } from './store.ts'

/**
 * Makes a key, which only this answer shows. Throws `invalid`, `quota_exceeded`, and
 * `session_required` for users of other issuers who may not.
 */
export const createApiKey = async (
  ctx: ApiKeyCtx,
  { name, scopes, expires_at }: NewApiKey,
): Promise<MadeApiKey> => {
  const { actor } = ctx
  if (actor.kind === 'external' && !ctx.externalApiKeys)
    throw new DomainError(
      'session_required',
      'Users of other issuers make no API keys on this server.',
    )
  const expiresAt = expires_at === null ? null : instantOf(Date.parse(expires_at))
  if (expiresAt !== null && expiresAt <= now(ctx))
    throw invalid({ at: ['expires_at'], code: 'past', detail: 'A key expires in the future.' })

  const { key, prefix, hash } = await newApiKey()
  const made = {
    id: ctx.ids.next(),
    name,
    prefix,
    scopes,
    expires_at: expiresAt,
    last_used_at: null,
    created_at: now(ctx),
  }
  return retrying(ctx, () =>
    whileSignedIn(ctx, {
      parties: ownAccount(ctx),
      writes: [insertApiKey(ctx, hash, made)],
      grows: { keys: 1 },
      result: { ...made, key },
    }),
  )
}

/**
 * The plan, on condition that the caller's session is on when it is carried out. A session that has
 * ended is remembered for some seconds; a key made in these would outlive the change of password
 * that ended it.
 */
const whileSignedIn = async <R>(ctx: ApiKeyCtx, plan: Plan<R>): Promise<Plan<R>> => {
  const { actor } = ctx
  if (actor.kind !== 'session') return plan
  const { sessionId } = actor
  const userId = actorIdOf(ctx)
  if (!(await isLive(ctx, sessionId, userId)))
    throw new DomainError('unauthenticated', 'The session of this token has ended. Sign in again.')
  return { ...plan, writes: [holdSession(ctx, sessionId, userId), ...plan.writes], mustTouch: [0] }
}
