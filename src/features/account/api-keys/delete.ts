import { notFound } from '../../../core/errors.ts'
import { ownAccount } from '../../../core/parties.ts'
import { retrying } from '../../../core/unit-of-work.ts'
import type { ApiKeyCtx } from './context.ts'
import { findApiKey, removeApiKey } from './store.ts'

/** Deletes one of the caller's keys. Throws `not_found`. */
export const deleteApiKey = async (
  ctx: ApiKeyCtx,
  { id }: { readonly id: string },
): Promise<void> => {
  await retrying(ctx, async () => {
    if (!(await findApiKey(ctx, id))) throw notFound('API key')
    return {
      parties: ownAccount(ctx),
      writes: [removeApiKey(ctx, id)],
      mustTouch: [0],
      grows: { keys: -1 },
      result: undefined,
    }
  })
  await ctx.credentials.forget()
}
