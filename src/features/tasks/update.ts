import type { Ctx } from '../../core/context.ts'
import { invalid } from '../../core/errors.ts'
import { named } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import { changeTask, type Editable, editTask, newPlacement } from './change.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { mergeExtra } from './extra.ts'
import { changeableTask } from './get.ts'
import { placeFirst } from './place-first.ts'
import { mergeRecurrence } from './recurrence/settle.ts'
import type { Task, TaskPatch } from './schemas.ts'
import { fieldsOf } from './wall-time.ts'
import { DATE_WITH_ZONE, WallTimeInput, type WallTimePatch } from './wall-time-input.ts'

/**
 * Merges a patch (RFC 7396) into a task: what it does not name stays. Without a revision it is
 * merged into what is there. Throws `not_found`, `trashed`, `precondition_failed`, `invalid`,
 * `quota_exceeded` (labels).
 */
export const updateTask = (
  ctx: Ctx,
  { id, ifMatch, patch }: { id: string; ifMatch: Revisions; patch: TaskPatch },
): Promise<Task> => {
  const { project_id, parent_id, status, ...fields } = patch
  const moves = project_id !== undefined || parent_id !== undefined
  // Only a task that moves, or is done, takes others along.
  if (!moves && status === undefined)
    return retrying(ctx, async () => {
      const owned = await changeableTask(ctx, id, ifMatch)
      return editTask(ctx, owned, editedBy(owned.task, fields))
    })
  if (!moves)
    return changeInChunks(ctx, id, async () => {
      const owned = await changeableTask(ctx, id, ifMatch)
      return changeTask(ctx, owned, {
        ...editedBy(owned.task, fields),
        ...(status && { status }),
      })
    })
  return placeFirst(ctx, { id, ifMatch, status }, async (owned) => ({
    edited: editedBy(owned.task, fields),
    placement: await newPlacement(ctx, owned.task, { project_id, parent_id }),
  }))
}

const editedBy = (
  task: Task,
  {
    start,
    due,
    extra,
    recurrence,
    ...rest
  }: Omit<TaskPatch, 'project_id' | 'parent_id' | 'status'>,
): Omit<Partial<Editable>, 'status'> => ({
  ...named(rest),
  ...(start !== undefined && { start: mergeTime('start', task.start, start) }),
  ...(due !== undefined && { due: mergeTime('due', task.due, due) }),
  ...(recurrence !== undefined && { recurrence: mergeRecurrence(task.recurrence, recurrence) }),
  ...(extra !== undefined && { extra: mergeExtra(task.extra, extra) }),
})

/**
 * Merges as RFC 7396 says; a patch that names another kind of time, or fields of another one (a
 * day, a time of day), takes the place of what was there. The kind follows from the fields.
 */
const mergeTime = (
  field: 'start' | 'due',
  present: WallTime | null,
  patch: WallTimePatch | null,
): WallTime | null => {
  if (patch === null) return null
  const { kind: _, ...base }: Record<string, unknown> = { ...present }
  if (patch.kind)
    for (const name of Object.keys(base))
      if (!fieldsOf[patch.kind].includes(name)) delete base[name]
  if (patch.date) for (const name of ['datetime', 'time_zone']) delete base[name]
  if (patch.datetime) delete base['date']
  for (const [name, given] of Object.entries(patch)) {
    if (given === null) delete base[name]
    else if (given !== undefined) base[name] = given
  }
  const merged = WallTimeInput.safeParse(base)
  if (merged.success) return merged.data
  throw invalid({
    at: [field],
    code: 'wall_time',
    detail: detailOf(base),
  })
}

const detailOf = ({ kind, ...fields }: Record<string, unknown>): string => {
  if ('date' in fields && 'time_zone' in fields) return DATE_WITH_ZONE
  return kind !== undefined && WallTimeInput.safeParse(fields).success
    ? 'With this patch the kind would not go with the fields.'
    : 'With this patch the time would be neither {"date"} nor {"datetime"} nor {"datetime", "time_zone"}.'
}
