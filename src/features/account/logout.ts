import type { AccountCtx } from './context.ts'
import { endSessionRow } from './credentials/sessions.ts'

/** Ends the session that asks. */
export const logout = async (ctx: AccountCtx): Promise<void> => {
  const { actor } = ctx
  if (actor.kind !== 'session') return
  await ctx.db.atomic([endSessionRow(ctx, actor.sessionId, actor.userId)])
  await ctx.credentials.forget()
}
