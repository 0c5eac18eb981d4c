// What became of the deliveries of an endpoint.
import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { shownDelivery } from './delivery-row.ts'
import type { Delivery, DeliveryStatus } from './delivery-schemas.ts'
import { findDelivery, pageOfDeliveries } from './delivery-store.ts'
import { existingWebhook } from './get.ts'

type Choice = {
  readonly status?: DeliveryStatus | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The deliveries of a webhook of the caller's, newest first. Throws `not_found`. */
export const listDeliveries = async (
  ctx: Ctx,
  id: string,
  { status, limit, cursor }: Choice,
): Promise<Page<Delivery>> => {
  await existingWebhook(ctx, id, undefined)
  const list = `deliveries ${id} ${status ?? ''}`
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  const rows = await pageOfDeliveries(ctx, id, { status, limit: limit + 1, place })
  return pageOf(list, rows.map(shownDelivery), limit, (row) => ({ key: '', id: row.id }))
}

/** A delivery of one of the caller's webhooks. Throws `not_found`. */
export const getDelivery = async (ctx: Ctx, id: string): Promise<Delivery> => {
  const found = await findDelivery(ctx, id)
  if (!found) throw notFound('delivery')
  return shownDelivery(found)
}
