import type { Ctx } from '../../../core/context.ts'
import { notFound } from '../../../core/errors.ts'
import type { ApiKey } from './schemas.ts'
import { findApiKey } from './store.ts'

/** One of the caller's keys. Throws `not_found`. */
export const getApiKey = async (ctx: Ctx, { id }: { readonly id: string }): Promise<ApiKey> => {
  const key = await findApiKey(ctx, id)
  if (!key) throw notFound('API key')
  return key
}
