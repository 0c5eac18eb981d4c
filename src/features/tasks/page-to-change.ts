// How many tasks below others one batch changes.
import { chunkRows } from '../../core/bulk-kinds.ts'
import type { Ctx } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { type WaitingTasks, waitingForChildren } from '../blockers/index.ts'
import { type Page, pageOfChildren } from './children.ts'

type Place = {
  readonly parents: readonly string[]
  readonly after: string | undefined
  readonly isFreeing: boolean
}

/** The next page of children, of as few as it takes for one batch to settle what waits for them. */
export const pageToChange = async (
  ctx: Ctx,
  ownerId: OwnerId,
  { parents, after, isFreeing }: Place,
): Promise<{ page: Page; waiting?: WaitingTasks }> => {
  const most = chunkRows(ctx)
  for (let rows = most; ; rows = Math.max(1, Math.floor(rows / 4))) {
    const page = await pageOfChildren(ctx, parents, after, rows)
    if (!isFreeing) return { page }
    const waiting = await waitingForChildren(ctx, ownerId, page)
    if (waiting.ids.length <= most || rows === 1) return { page, waiting }
  }
}
