// Reminders follow the times of their tasks, in the batch that moves these.
import type { Change } from '../../core/change-log.ts'
import { type Ctx, nowAfter } from '../../core/context.ts'
import { isSameField } from '../../core/patch.ts'
import { slices } from '../../core/slices.ts'
import type { Write } from '../../db/statement.ts'
import { LISTED } from '../../db/statement.ts'
import { type Advance, fireAtOf, isRelative, movedBy, type TaskTimes } from './fire-at.ts'
import type { Stored } from './row.ts'
import { isWaiting, movedTo, type State, waiting } from './state.ts'
import { remindersOfTasks, rescheduleReminder } from './store.ts'

/** A task as the batch leaves it. */
type MovedTask = TaskTimes & { readonly id: string }

/** All of its writes must touch a row: else a reminder has changed, and the batch decides anew. */
export type Following = { readonly writes: readonly Write[]; readonly changes: readonly Change[] }

/** What becomes of the reminders of tasks whose times move. */
export type FollowTimes = (ctx: Ctx, moved: readonly MovedTask[]) => Promise<Following>

type Next = (reminder: Stored, task: MovedTask) => State | undefined

/** The write that gives a reminder another state, where it has another one. */
const rewritten = (ctx: Ctx, reminder: Stored, state: State | undefined): Following => {
  if (state === undefined || isSame(reminder, state)) return { writes: [], changes: [] }
  return {
    writes: [rescheduleReminder(ctx, reminder, revised(ctx, reminder, state), reminder)],
    changes: [{ entity: 'reminder', id: reminder.id, event: null }],
  }
}

/** One that counts from a time of its task gets its time anew; one with a time of its own stays. */
const followed = (reminder: Stored, times: TaskTimes): State | undefined =>
  isRelative(reminder.trigger)
    ? movedTo(reminder, fireAtOf(reminder.trigger, times, reminder))
    : undefined

/** The same as `followTimes`, for reminders that have been read. */
export const followLoaded = (
  ctx: Ctx,
  loaded: readonly { readonly reminder: Stored; readonly times: TaskTimes }[],
): Following => {
  const all = loaded.map(({ reminder, times }) =>
    rewritten(ctx, reminder, followed(reminder, times)),
  )
  return {
    writes: all.flatMap(({ writes }) => writes),
    changes: all.flatMap(({ changes }) => changes),
  }
}

const following =
  (next: Next): FollowTimes =>
  async (ctx, moved) => {
    const [writes, changes]: [Write[], Change[]] = [[], []]
    for (const part of slices(moved, LISTED)) {
      const some = new Map(part.map((task) => [task.id, task]))
      for (const reminder of await remindersOfTasks(ctx, [...some.keys()])) {
        const state = next(reminder, some.get(reminder.taskId) as MovedTask)
        const one = rewritten(ctx, reminder, state)
        writes.push(...one.writes)
        changes.push(...one.changes)
      }
    }
    return { writes, changes }
  }

const isSame = (before: State, { trigger, fireAt, status, firedAt, late }: State): boolean =>
  isSameField(before.trigger, trigger) &&
  before.fireAt === fireAt &&
  before.status === status &&
  before.firedAt === firedAt &&
  before.late === late

export const revised = (ctx: Ctx, before: Stored, state: State): Stored => ({
  ...before,
  ...state,
  rev: ctx.ids.next(),
  updatedAt: nowAfter(ctx, before.updatedAt),
})

/** Those that count from a time of the task get theirs anew; those with a time of their own stay. */
export const followTimes: FollowTimes = following(followed)

/**
 * For the next occurrence of a task: reminders with a time of their own move as far as its due, the
 * others are calculated anew, and all of them wait, also those that have fired.
 */
export const advanceTimes = (advance: Advance): FollowTimes =>
  following((reminder, task) => {
    const trigger = movedBy(advance, reminder.trigger, task, reminder)
    return waiting(trigger, fireAtOf(trigger, task, reminder))
  })

/** What `restoreTimes` brings back: JSON, to be kept with the occurrence. */
export type KeptReminders = readonly (State & { readonly id: string })[]

/** The reminders of a task as they are, every user's, to be kept before it advances. */
export const keptReminders = async (ctx: Ctx, task: string): Promise<KeptReminders> =>
  (await remindersOfTasks(ctx, [task])).map(({ id, trigger, fireAt, status, firedAt, late }) => ({
    id,
    trigger,
    fireAt,
    status,
    firedAt,
    late,
  }))

/**
 * Undoes an advance: what was kept is as it was, unless it has been deleted since. One that waited
 * gets its time anew, because its user's settings may be others by now. What was set since follows
 * the times of the task.
 */
export const restoreTimes = (kept: KeptReminders): FollowTimes => {
  const byId = new Map(kept.map(({ id, ...state }) => [id, state]))
  return following((reminder, task) => {
    const state: State | undefined = byId.get(reminder.id)
    if (state === undefined) return followed(reminder, task)
    const { trigger } = state
    return isWaiting(state) ? waiting(trigger, fireAtOf(trigger, task, reminder)) : state
  })
}
