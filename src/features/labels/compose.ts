// Names that an earlier version stored as they were typed: composed (NFC), as names are now.
import type { Ctx } from '../../core/context.ts'
import { accountIdOf } from '../../core/parties.ts'
import { deleteLabel } from './delete.ts'
import type { Label } from './schemas.ts'
import { findNamed, pageOfLabels } from './store.ts'
import { updateLabel } from './update.ts'

const PAGE = 500

/**
 * Renames the caller's labels whose names are not composed. Where there is a label of the composed
 * name, its tasks get that one instead. Answers how many labels there were.
 */
export const composeLabels = async (ctx: Ctx): Promise<number> => {
  const decomposed = await decomposedLabels(ctx)
  for (const { id, name } of decomposed) {
    const composed = name.normalize('NFC')
    const there = await findNamed(ctx, accountIdOf(ctx), composed)
    if (there) await deleteLabel(ctx, { id, ifMatch: undefined, into: there.id })
    else await updateLabel(ctx, { id, ifMatch: undefined, patch: { name: composed } })
  }
  return decomposed.length
}

const decomposedLabels = async (ctx: Ctx): Promise<Label[]> => {
  const found: Label[] = []
  let page: Label[] = []
  do {
    const last = page.at(-1)
    const place = last && { key: last.name, id: last.id }
    page = await pageOfLabels(ctx, accountIdOf(ctx), PAGE, place)
    found.push(...page.filter(({ name }) => name !== name.normalize('NFC')))
  } while (page.length === PAGE)
  return found
}
