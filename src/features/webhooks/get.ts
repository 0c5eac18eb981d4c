import { type Ctx, now } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { type Stored, shownWebhook } from './row.ts'
import type { Webhook } from './schemas.ts'
import { findWebhook } from './store.ts'

/** A webhook of the caller, to be changed. Throws `not_found`, `precondition_failed`. */
export const existingWebhook = async (
  ctx: Ctx,
  id: string,
  ifMatch: Revisions,
): Promise<Stored> => {
  const stored = await findWebhook(ctx, id)
  if (!stored) throw notFound('webhook')
  expectRevision('webhook', ifMatch, stored)
  return stored
}

/** The caller's webhook of this id. Throws `not_found`. */
export const getWebhook = async (ctx: Ctx, id: string): Promise<Webhook> =>
  shownWebhook(await existingWebhook(ctx, id, undefined), now(ctx))
