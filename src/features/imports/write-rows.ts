// Finished occurrences and reminders of tasks that an import has made, in a batch of their own, which
// finds at another attempt what it has made.
import { type Ctx, now } from '../../core/context.ts'
import { wallOf, withWall } from '../../core/recurrence/series.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { findTargets, importReminder, MAX_REMINDERS } from '../reminders/index.ts'
import { getTask, holdTask, insertDone, passDoneOccurrences, placeNew } from '../tasks/index.ts'
import { type Beside, freeIds, type Line } from './beside-ids.ts'
import { note } from './values.ts'

/**
 * A reminder of each, for the task and the settings as they are by now: their user may have changed
 * them since the task was made. Answers what there is no room for.
 */
export const writeReminders = async (
  ctx: Ctx,
  given: readonly Beside<'reminder'>[],
): Promise<Line[]> => {
  if (given.length === 0) return []
  return retrying(ctx, async () => {
    const { parties } = await placeNew(ctx, {})
    const ids = await freeIds(ctx, 'reminder', given)
    const targets = await findTargets(
      ctx,
      given.map(({ task }) => task.id),
    )
    const lines: Line[] = []
    const ahead = new Map<string, number>()
    const plans = given.flatMap(({ item, about, task }, at) => {
      const [id, target] = [ids[at], targets.get(task.id)]
      if (id === undefined || target === undefined) return []
      const before = ahead.get(task.id) ?? 0
      if (target.reminders + before >= MAX_REMINDERS) {
        lines.push([about, note('too_many', 'reminder', tooMany)])
        return []
      }
      ahead.set(task.id, before + 1)
      const { status, fire_at, fired_at, late } = item.past ?? waits
      const { created_at, updated_at, trigger } = item
      const reminder = { id, trigger, status, fire_at, fired_at, late, updated_at }
      const made = { ...reminder, created_at: created_at ?? now(ctx) }
      return [importReminder(ctx, made, target, before)]
    })
    if (plans.length === 0) return { unchanged: lines }
    return {
      parties,
      writes: plans.flatMap(({ writes }) => writes),
      changes: plans.flatMap(({ changes }) => changes),
      // The first of each holds its task.
      mustTouch: plans.map((_, at) => 2 * at),
      wide: true,
      result: lines,
    }
  })
}
const waits = { status: 'pending', fire_at: null, fired_at: null, late: false } as const
const tooMany = `A task has ${MAX_REMINDERS} at most; this one is left out.`

/** Those of our own files, and those of others, which say less. */
export const writeDone = async (
  ctx: Ctx,
  own: readonly Beside<'done'>[],
  others: readonly Beside<'occurrence'>[],
  lines: Line[],
): Promise<void> => {
  const all = [...own, ...(await asDone(ctx, others, lines))]
  if (all.length === 0) return
  await retrying(ctx, async () => {
    const { parties } = await placeNew(ctx, {})
    const ids = await freeIds(ctx, 'done', all)
    const fresh = all.flatMap((one, at) => ({ ...one, id: ids[at] ?? '' })).filter(({ id }) => id)
    if (fresh.length === 0) return { unchanged: undefined }
    const held = [...new Set(fresh.map(({ task }) => task.id))]
    return {
      parties,
      writes: [
        ...held.map((id) => holdTask(ctx, id)),
        ...fresh.map(({ id, item, task }) => {
          const { occurrence, due, start, outcome, status, done_at: doneAt } = item
          const { rule, starts, recurrence_left: left } = item
          const recurrence = { rule, starts, anchor: 'due', missed: 'skip' } as const
          const standing = { recurrence, occurrence, due, start, left }
          const done = { id, standing, outcome, status, doneAt, reminders: [] }
          return insertDone(ctx, { owner: parties.ownerId, task: task.id }, done)
        }),
      ],
      changes: held.map((id) => ({ entity: 'task', id, event: null })),
      mustTouch: held.map((_, at) => at),
      wide: true,
      result: undefined,
    }
  })
  const behind = new Set(
    others.flatMap(({ task: { id, item } }) => (item.deleted_at === null ? [id] : [])),
  )
  for (const id of behind) await passDoneOccurrences(ctx, id)
}

const asDone = async (
  ctx: Ctx,
  given: readonly Beside<'occurrence'>[],
  lines: Line[],
): Promise<Beside<'done'>[]> => {
  const made: Beside<'done'>[] = []
  for (const { item, about, task } of given) {
    const { recurrence } = await getTask(ctx, task.id)
    const leave = (code: string, detail: string) =>
      void lines.push([about, note(code, 'occurrence', detail)])
    if (recurrence === null) leave('recurrence', 'Its task does not recur here.')
    else if (item.state === 'open')
      leave('occurrence_open', 'It is not done, and comes by the rule of its task.')
    else {
      const { rule, starts } = recurrence
      const isDay = starts.kind === 'day'
      const wall = isDay ? item.slot.slice(0, 10) : item.slot
      const slot = withWall(starts, !isDay && wall.length === 10 ? `${wall}T00:00:00` : wall)
      made.push({
        about,
        task,
        item: {
          kind: 'done',
          id: null,
          key: wallOf(slot),
          parent: item.parent,
          occurrence: slot,
          due: item.due ?? slot,
          start: item.start,
          outcome: item.state,
          done_at: item.completed_at ?? now(ctx),
          status: 'pending',
          recurrence_left: null,
          rule,
          starts,
        },
      })
    }
  }
  return made
}
