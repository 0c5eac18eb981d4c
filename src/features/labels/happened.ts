// What the record of what happened says of a label. It is in no project.
import type { EventType, FieldChanges, Happening } from '../../core/event-types.ts'
import { changesBetween, changesOfNew, fieldsOf } from '../../core/field-changes.ts'
import { type Label, LabelPatch } from './schemas.ts'

const recorded = fieldsOf<LabelPatch>(LabelPatch)

const of = (type: Extract<EventType, `label.${string}`>, changes: FieldChanges): Happening => ({
  type,
  projectId: null,
  taskId: null,
  data: { changes },
})

export const labelCreated = (label: Label): Happening =>
  of('label.created', changesOfNew<Label>(recorded, label))
export const labelUpdated = (before: Label, after: Label): Happening =>
  of('label.updated', changesBetween<Label>(recorded, before, after))
export const labelDeleted = ({ name }: Label): Happening =>
  of('label.deleted', { name: { old: name } })
