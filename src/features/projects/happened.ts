// What the record of what happened says of a project, and of the tasks that go with it.
import type { EventType, FieldChanges, Happening, ManyHappened } from '../../core/event-types.ts'
import { changesBetween, changesOfNew, fieldsOf } from '../../core/field-changes.ts'
import { type Project, ProjectPatch, projectDefaults } from './schemas.ts'

const recorded = fieldsOf<ProjectPatch>(ProjectPatch, ['position'])
/** Where a new project stands follows from when it was made. */
const recordedOfNew = recorded.filter(([field]) => field !== 'position')

const of = (
  id: string,
  type: Extract<EventType, `project.${string}`>,
  changes: FieldChanges,
): Happening => ({ type, projectId: id, taskId: null, data: { changes } })

export const projectCreated = (project: Project): Happening =>
  of(project.id, 'project.created', changesOfNew<Project>(recordedOfNew, project, projectDefaults))
export const projectUpdated = (before: Project, after: Project): Happening =>
  of(after.id, 'project.updated', changesBetween<Project>(recorded, before, after))
export const projectDeleted = ({ id, name }: Project): Happening =>
  of(id, 'project.deleted', { name: { old: name } })

/** Of each of its tasks, which go to the trash with it. */
export const trashedWith = (id: string): ManyHappened => ({
  type: 'task.deleted',
  data: { changes: {}, cause: { entity: 'project', id } },
})
