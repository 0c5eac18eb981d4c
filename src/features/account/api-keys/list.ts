import type { Ctx } from '../../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../../core/paging.ts'
import type { ApiKey } from './schemas.ts'
import { pageOfApiKeys } from './store.ts'

const LIST = 'api-keys'

/** The caller's keys, newest first; expired ones too. */
export const listApiKeys = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ApiKey>> => {
  const place = cursor === undefined ? undefined : placeOf(LIST, cursor)
  return pageOf(LIST, await pageOfApiKeys(ctx, limit + 1, place), limit, ({ id }) => ({
    key: '',
    id,
  }))
}
