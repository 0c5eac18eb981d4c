import type { Ctx } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { shownIdentity } from './identity.ts'
import { pageOfIdentities } from './openid/identities.ts'
import type { LinkedIdentity } from './openid/schemas.ts'

const LIST = 'identities'

/** The identities that the caller can sign in with, oldest first. */
export const listIdentities = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<LinkedIdentity>> => {
  const rows = await pageOfIdentities(
    ctx,
    limit + 1,
    cursor === undefined ? undefined : placeOf(LIST, cursor),
  )
  return pageOf(LIST, rows.map(shownIdentity), limit, ({ id }) => ({ key: '', id }))
}
