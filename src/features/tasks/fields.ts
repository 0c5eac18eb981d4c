// Each field of a task, once: the requests that change it and the columns that hold it. The schemas
// and the store are checked against this table, so that a field that is forgotten in one of them
// does not compile.
import type { Recorded } from '../../core/field-changes.ts'
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
  /** Does the record of what happened have its values, where they are small, or its name alone? */
  readonly recorded: Recorded
}

export const taskFields = {
  id: { change: 'service', columns: ['id'], recorded: 'none' },
  project_id: { change: 'place', columns: ['projectId'], recorded: 'values' },
  parent_id: { change: 'place', columns: ['parentId'], recorded: 'values' },
  title: { change: 'edit', columns: ['title', 'titleKey', 'haystack'], recorded: 'name' },
  description: { change: 'edit', columns: ['description', 'haystack'], recorded: 'name' },
  // Where a request changes the status, no completion of a parent has a say in it any more.
  status: {
    change: 'edit',
    columns: ['status', 'statusBy', 'statusBefore', 'completedBefore'],
    recorded: 'values',
  },
  priority: { change: 'edit', columns: ['priority'], recorded: 'values' },
  start: { change: 'edit', columns: ['startWall', 'startZone', 'startAt'], recorded: 'values' },
  due: { change: 'edit', columns: ['dueWall', 'dueZone', 'dueAt'], recorded: 'values' },
  deadline: { change: 'edit', columns: ['deadline'], recorded: 'values' },
  estimate_minutes: { change: 'edit', columns: ['estimateMinutes'], recorded: 'values' },
  url: { change: 'edit', columns: ['url'], recorded: 'name' },
  external_id: { change: 'edit', columns: ['externalId'], recorded: 'name' },
  blocked_by: { change: 'edit', columns: ['blockedBy'], recorded: 'values' },
  recurrence: { change: 'edit', columns: ['recurrence'], recorded: 'values' },
  occurrence: { change: 'service', columns: ['recurrence'], recorded: 'values' },
  labels: { change: 'edit', columns: ['labels'], recorded: 'values' },
  extra: { change: 'edit', columns: ['extra'], recorded: 'name' },
  blocked: { change: 'service', columns: ['blocked'], recorded: 'none' },
  progress: { change: 'service', columns: ['childCount', 'childrenDone'], recorded: 'none' },
  comment_count: { change: 'service', columns: ['commentCount'], recorded: 'none' },
  position: { change: 'service', columns: ['position'], recorded: 'name' },
  created_by: { change: 'service', columns: ['createdBy'], recorded: 'none' },
  created_at: { change: 'service', columns: ['createdAt'], recorded: 'none' },
  updated_at: { change: 'service', columns: ['updatedAt'], recorded: 'none' },
  completed_at: { change: 'service', columns: ['completedAt'], recorded: 'none' },
  deleted_at: { change: 'service', columns: ['deletedAt', 'trashed'], recorded: 'none' },
  rev: { change: 'service', columns: ['rev'], recorded: 'none' },
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
