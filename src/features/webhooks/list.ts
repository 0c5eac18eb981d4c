import { type Ctx, now } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { shownWebhook } from './row.ts'
import type { Webhook } from './schemas.ts'
import { pageOfWebhooks } from './store.ts'

const LIST = 'webhooks'

/** The caller's webhooks, newest first. */
export const listWebhooks = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Webhook>> => {
  const place = cursor === undefined ? undefined : placeOf(LIST, cursor)
  const rows = await pageOfWebhooks(ctx, limit + 1, place)
  const shown = rows.map((row) => shownWebhook(row, now(ctx)))
  return pageOf(LIST, shown, limit, ({ id }) => ({ key: '', id }))
}
