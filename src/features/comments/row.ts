// A comment as its row.
import type { Dialect } from '../../db/database.ts'

/** A comment is seen by those who see its task; it has the owner of the task. */
export const inTask = ({ t: { comments } }: Dialect) => ({
  ownerId: comments.ownerId,
  projectId: comments.taskId,
})

export const shapeOf = ({ t: { comments } }: Dialect) => ({
  id: comments.id,
  task_id: comments.taskId,
  text: comments.text,
  edited: comments.edited,
  created_by: comments.createdBy,
  created_at: comments.createdAt,
  updated_at: comments.updatedAt,
  rev: comments.rev,
})
