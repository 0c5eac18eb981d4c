// What the record of what happened says of a comment: never its text.
import type { EventType, FieldChanges, Happening } from '../../core/event-types.ts'

type CommentEvent = Extract<EventType, `comment.${string}`>
type OnTask = { readonly id: string; readonly project_id: string }

export const commentEvent = (
  type: CommentEvent,
  { id, project_id }: OnTask,
  changes: FieldChanges,
): Happening => ({ type, projectId: project_id, taskId: id, data: { changes } })
