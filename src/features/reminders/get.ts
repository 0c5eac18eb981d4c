import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { type Stored, shownReminder } from './row.ts'
import type { Reminder } from './schemas.ts'
import { findReminder } from './store.ts'

/** A reminder of the caller, to be changed. Throws `not_found`, `precondition_failed`. */
export const existingReminder = async (
  ctx: Ctx,
  id: string,
  ifMatch: Revisions,
): Promise<Stored> => {
  const stored = await findReminder(ctx, id)
  if (!stored) throw notFound('reminder')
  expectRevision('reminder', ifMatch, shownReminder(stored))
  return stored
}

/** The caller's reminder of this id. Throws `not_found`. */
export const getReminder = async (ctx: Ctx, id: string): Promise<Reminder> =>
  shownReminder(await existingReminder(ctx, id, undefined))
