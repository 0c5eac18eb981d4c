import type { Ctx } from '../../core/context.ts'
import { type Fault, invalid } from '../../core/errors.ts'
import { isSameField } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import { newPlacement } from './change.ts'
import { type EditField, editFields } from './fields.ts'
import { placeFirst } from './place-first.ts'
import { placeNew } from './placement.ts'
import { type NewTask, readOnly, type Task, type TaskReplacement } from './schemas.ts'

const readOnlyFields = Object.keys(readOnly) as (keyof typeof readOnly)[]

/**
 * Puts a whole task in the place of the one there: what is not named takes its default, as in POST.
 * Read-only fields may be repeated as they are. Throws `not_found`, `trashed`,
 * `precondition_failed`, `invalid` (code `read_only` among others), `quota_exceeded`.
 */
export const replaceTask = (
  ctx: Ctx,
  { id, ifMatch, replacement }: { id: string; ifMatch: Revisions; replacement: TaskReplacement },
): Promise<Task> => {
  const { project_id, parent_id } = replacement
  const { status, ...edited } = editedBy(replacement)
  return placeFirst(ctx, { id, ifMatch, status }, async ({ task }) => {
    expectReadOnly(task, replacement)
    const { projectId, parentId } = await placeNew(ctx, { project_id, parent_id })
    const placement = await newPlacement(ctx, task, { project_id: projectId, parent_id: parentId })
    return { edited, placement }
  })
}

const editedBy = (replacement: TaskReplacement): Pick<NewTask, EditField> =>
  Object.fromEntries(editFields.map((field) => [field, replacement[field]])) as Pick<
    NewTask,
    EditField
  >

const expectReadOnly = (task: Task, replacement: TaskReplacement): void => {
  const faults = readOnlyFields
    .filter(
      (field) => replacement[field] !== undefined && !isSameField(task[field], replacement[field]),
    )
    .map(
      (field): Fault => ({
        at: [field],
        code: 'read_only',
        detail: `${field} cannot be changed; leave it out or as it is.`,
      }),
    )
  if (faults.length > 0) throw invalid(...faults)
}
