import { notFound } from '../../core/errors.ts'
import type { AccountCtx } from './context.ts'
import { endSessionRow } from './credentials/sessions.ts'

/** Ends one of the caller's sessions; the present one as well. Throws `not_found`. */
export const endSession = async (
  ctx: AccountCtx,
  { id }: { readonly id: string },
): Promise<void> => {
  const outcome = await ctx.db.atomic([endSessionRow(ctx, id, ctx.actor.userId)], {
    mustTouch: [0],
  })
  if (outcome === 'stale') throw notFound('session')
  await ctx.credentials.forget()
}
