// Each field of a task, once: the requests that change it and the columns that hold it. The schemas
// and the store are checked against this table, so that a field that is forgotten in one of them
// does not compile.
import type { Dialect } from '../../db/database.ts'

/** The columns of a task's row. */
export type Column = keyof Dialect['t']['tasks']['$inferInsert']

type Rule = {
  /**
   * The requests that change it. `edit`: POST, PUT and PATCH. `place`: these and `move`. `service`:
   * none; the service keeps it, and a PUT may only repeat it.
   */
  readonly change: 'edit' | 'place' | 'service'
  /** The columns that a change of the field changes. Labels and blockers are rows of their own as well. */
  readonly columns: readonly Column[]
}

export const taskFields = {
  id: { change: 'service', columns: ['id'] },
  project_id: { change: 'place', columns: ['projectId'] },
  parent_id: { change: 'place', columns: ['parentId'] },
  title: { change: 'edit', columns: ['title', 'titleKey', 'haystack'] },
  description: { change: 'edit', columns: ['description', 'haystack'] },
  // Where a request changes the status, no completion of a parent has a say in it any more.
  status: { change: 'edit', columns: ['status', 'statusBy', 'statusBefore', 'completedBefore'] },
  priority: { change: 'edit', columns: ['priority'] },
  start: { change: 'edit', columns: ['startWall', 'startZone', 'startAt'] },
  due: { change: 'edit', columns: ['dueWall', 'dueZone', 'dueAt'] },
  deadline: { change: 'edit', columns: ['deadline'] },
  estimate_minutes: { change: 'edit', columns: ['estimateMinutes'] },
  url: { change: 'edit', columns: ['url'] },
  external_id: { change: 'edit', columns: ['externalId'] },
  blocked_by: { change: 'edit', columns: ['blockedBy'] },
  recurrence: { change: 'edit', columns: ['recurrence'] },
  occurrence: { change: 'service', columns: ['recurrence'] },
  labels: { change: 'edit', columns: ['labels'] },
  extra: { change: 'edit', columns: ['extra'] },
  blocked: { change: 'service', columns: ['blocked'] },
  progress: { change: 'service', columns: ['childCount', 'childrenDone'] },
  comment_count: { change: 'service', columns: ['commentCount'] },
  position: { change: 'service', columns: ['position'] },
  created_by: { change: 'service', columns: ['createdBy'] },
  created_at: { change: 'service', columns: ['createdAt'] },
  updated_at: { change: 'service', columns: ['updatedAt'] },
  completed_at: { change: 'service', columns: ['completedAt'] },
  deleted_at: { change: 'service', columns: ['deletedAt', 'trashed'] },
  rev: { change: 'service', columns: ['rev'] },
} as const satisfies Record<string, Rule>

export type Field = keyof typeof taskFields
type Changed<C extends Rule['change']> = {
  [F in Field]: (typeof taskFields)[F]['change'] extends C ? F : never
}[Field]
export type EditField = Changed<'edit'>
/** Fields that the body of a POST or PUT takes. */
export type InputField = Changed<'edit' | 'place'>
export type ServiceField = Changed<'service'>

export const allFields = Object.keys(taskFields) as Field[]
export const editFields = allFields.filter(
  (field): field is EditField => taskFields[field].change === 'edit',
)

/**
 * The columns that hold fields. The store checks that these are all columns but the owner's and
 * `recurrenceLeft`, which no answer has.
 */
export type FieldColumn = (typeof taskFields)[Field]['columns'][number]
