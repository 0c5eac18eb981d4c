import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { RunsAlone } from '../../core/together.ts'
import { changeTask, type Editable } from './change.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { changeableTask } from './get.ts'
import type { Placement } from './placement.ts'
import type { Status, Task } from './schemas.ts'
import type { OwnedTask } from './store.ts'

type Asked = {
  readonly id: string
  readonly ifMatch: Revisions
  readonly status: Status | undefined
}
type Decided = {
  readonly edited: Omit<Partial<Editable>, 'status'>
  readonly placement: Placement | undefined
}

/**
 * Changes a task that may get another place and another status. Where it gets both, what is below
 * it may have to be changed twice: so it is put in its place first, and the status follows.
 */
export const placeFirst = async (
  ctx: Ctx,
  { id, ifMatch, status }: Asked,
  decide: (owned: OwnedTask) => Promise<Decided>,
): Promise<Task> => {
  let isPlaced = false
  const task = await changeInChunks(ctx, id, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    const { edited, placement } = await decide(owned)
    isPlaced = placement !== undefined && status !== undefined && status !== owned.task.status
    if (isPlaced && ctx.collector) throw new RunsAlone()
    return changeTask(
      ctx,
      owned,
      isPlaced ? edited : { ...edited, ...(status && { status }) },
      placement,
    )
  })
  if (!isPlaced) return task
  return changeInChunks(ctx, id, async () =>
    changeTask(ctx, await changeableTask(ctx, id, ifMatch && [task.rev]), {
      ...(status && { status }),
    }),
  )
}
