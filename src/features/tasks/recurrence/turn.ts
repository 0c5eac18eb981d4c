// What a change of a task's status means: an occurrence that is done, or one that is undone.
import type { Ctx } from '../../../core/context.ts'
import type { Instant } from '../../../db/instant.ts'
import type { Task } from '../schemas.ts'
import { isDone } from '../status.ts'
import type { OwnedTask } from '../store.ts'
import { finishOccurrence, type Turn, undoable, undoOccurrence } from './occurrence-done.ts'

type Asked = {
  readonly edited: Partial<Task>
  /** Undefined where it stays. */
  readonly left: number | null | undefined
  readonly at: Instant
}

/** What `edited` says, and what follows from it where the task is completed or opened by it. */
export const turnOf = async (
  ctx: Ctx,
  owned: OwnedTask,
  { edited, left, at }: Asked,
): Promise<Turn> => {
  const { task } = owned
  const next = { ...task, ...edited }
  const plain: Turn = { edited, left, writes: [], guarded: false, below: undefined }
  if (next.status === task.status) return plain
  if (next.status === 'completed') {
    const kept = left === undefined ? owned.left : left
    const asked = { next, left: kept, outcome: 'completed', at } as const
    const turn = await finishOccurrence(ctx, owned, asked)
    if (turn) return { ...turn, edited: { ...edited, ...turn.edited } }
    return { ...plain, below: { change: 'close', by: task.id, at } }
  }
  if (!isDone(task.status) || isDone(next.status)) return plain
  const done = await undoable(ctx, owned)
  if (done) {
    const turn = undoOccurrence(ctx, owned, done)
    return {
      ...turn,
      edited: { ...turn.edited, ...edited },
      left: left === undefined ? turn.left : left,
    }
  }
  if (task.status !== 'completed') return plain
  return {
    ...plain,
    below: { change: 'undo', undone: 'close', by: task.id, at: task.completed_at },
  }
}
