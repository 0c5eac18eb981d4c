import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { shownIdentity } from './identity.ts'
import { findIdentity } from './openid/identities.ts'
import type { LinkedIdentity } from './openid/schemas.ts'

/** One identity of the caller. Throws `not_found`. */
export const getIdentity = async (
  ctx: Ctx,
  { id }: { readonly id: string },
): Promise<LinkedIdentity> => {
  const row = await findIdentity(ctx, id)
  if (!row) throw notFound('identity')
  return shownIdentity(row)
}
