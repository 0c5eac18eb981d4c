import type { Ctx } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { accountIdOf } from '../../core/parties.ts'
import type { Label } from './schemas.ts'
import { pageOfLabels } from './store.ts'

/** The caller's labels by name. */
export const listLabels = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Label>> => {
  const place = cursor === undefined ? undefined : placeOf('labels', cursor)
  const labels = await pageOfLabels(ctx, accountIdOf(ctx), limit + 1, place)
  return pageOf('labels', labels, limit, ({ name, id }) => ({ key: name, id }))
}
