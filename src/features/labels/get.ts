import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { accountIdOf } from '../../core/parties.ts'
import type { Label } from './schemas.ts'
import { findLabel } from './store.ts'

/** The caller's label of this id. Throws `not_found`. */
export const existingLabel = async (ctx: Ctx, id: string): Promise<Label> => {
  const label = await findLabel(ctx, accountIdOf(ctx), id)
  if (!label) throw notFound('label')
  return label
}

/** Throws `not_found`. */
export const getLabel = (ctx: Ctx, id: string): Promise<Label> => {
  return existingLabel(ctx, id)
}
