// A task of a file that stands at an occurrence which the file has done: it goes on to the first one
// that is not.
import { retryingInChunks } from '../../../core/bulk.ts'
import { type Ctx, now } from '../../../core/context.ts'
import { userZone } from '../../../core/user-time-zone.ts'
import { applyTurn } from '../change.ts'
import { existingTask } from '../get.ts'
import type { Task } from '../schemas.ts'
import { isDone } from '../status.ts'
import { isDoneSlot } from './history.ts'
import { comingMoves, type Move } from './next.ts'
import { standingOf } from './occurrence-done.ts'

/** Slots that are looked at together. */
const SLOTS = 50

/** Without another slot the task is completed. What is done in the trash or counts from completions stays. */
export const passDoneOccurrences = (ctx: Ctx, id: string): Promise<Task> =>
  retryingInChunks(ctx, async () => {
    const owned = await existingTask(ctx, id, undefined)
    const { task, parties, left } = owned
    const first = standingOf(task, left)
    const of = { owner: parties.ownerId, task: id }
    const stays = isDone(task.status) || task.deleted_at !== null
    if (!first || stays || first.recurrence.anchor !== 'due') return { unchanged: task }
    if (!(await isDoneSlot(ctx, of, first.occurrence))) return { unchanged: task }
    const at = now(ctx)
    const moment = {
      outcome: 'completed',
      nowMs: Date.parse(at),
      zone: await userZone(ctx, of.owner),
    } as const
    const turnTo = (move: Move | undefined) =>
      applyTurn(ctx, owned, {
        at,
        turn: {
          edited: move
            ? { due: move.slot, occurrence: move.slot, start: move.start }
            : { status: 'completed' },
          left: move ? move.left : left,
          writes: [],
          guarded: false,
          below: undefined,
        },
      })
    // One after the other, also those that have passed: they are not done.
    let standing = { ...first, recurrence: { ...first.recurrence, missed: 'keep' as const } }
    for (;;) {
      const moves = await comingMoves(ctx, standing, { moment, behind: undefined, most: SLOTS })
      for (const move of moves) if (!(await isDoneSlot(ctx, of, move.slot))) return turnTo(move)
      const last = moves.at(-1)
      if (!last || moves.length < SLOTS) return turnTo(undefined)
      standing = { ...standing, ...last, occurrence: last.slot, due: last.slot }
    }
  })
