// What the record of what happened says of a user, who alone sees it.
import type { Happening } from '../../core/event-types.ts'
import { changesBetween, fieldsOf } from '../../core/field-changes.ts'
import type { ReaderId } from '../../core/parties.ts'
import { type User, UserPatch } from './schemas.ts'

const recorded = fieldsOf<UserPatch>(UserPatch)

export const userUpdated = (only: ReaderId, before: User, after: User): Happening => ({
  type: 'user.updated',
  projectId: null,
  taskId: null,
  only,
  data: { changes: changesBetween<User>(recorded, before, after) },
})
