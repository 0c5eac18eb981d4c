// What our own export in iCalendar says of a task's reminders, comments and finished occurrences
// beyond what the format has a place for. What another program has changed since counts as it stands
// in the format.
import type { WallTime } from '../../../core/wall-clock.ts'
import { OF_COMMENT, OWN } from '../../icalendar/index.ts'
import type { BesideItem, Note, Reminder } from '../row.ts'
import { instantFrom } from '../values.ts'
import type { Component, Property } from './ics-components.ts'
import { type Parsed, parseProperty } from './ics-property.ts'
import { paramOf, textOf } from './ics-values.ts'
import { doneOf, reminderOf } from './own-beside.ts'
import { type Fields, isObject } from './own-fields.ts'

const propertyOf = ({ properties }: Pick<Component, 'properties'>, name: string) =>
  properties.find((property) => property.name === name)

/** The fields in a property that is JSON; undefined for what is none. */
const fieldsIn = (property: Property | undefined): Fields | undefined => {
  if (!property) return undefined
  try {
    const fields: unknown = JSON.parse(textOf(parseProperty(property)))
    return isObject(fields) ? fields : undefined
  } catch {
    return undefined
  }
}

/** The reminder of an alarm that we have written, as long as the alarm goes off as it did. */
export const ownReminder = (
  alarm: Component,
  plain: Reminder,
  parent: string,
): BesideItem | undefined => {
  const fields = fieldsIn(propertyOf(alarm, OWN.reminder))
  const trigger = propertyOf(alarm, 'TRIGGER')
  if (!fields || !trigger) return undefined
  const id = propertyOf(alarm, 'UID')?.behind.slice(1).trim() ?? ''
  const notes: Note[] = []
  const made = reminderOf({ ...fields, id, task_id: parent }, notes)
  if (made?.kind !== 'reminder' || notes.length > 0) return undefined
  const isSame =
    fields['as'] === `${trigger.name}${trigger.behind}` ||
    JSON.stringify(made.trigger) === JSON.stringify(plain)
  return isSame ? { ...made, parent } : undefined
}

export const ownComment = (parsed: Parsed, parent: string): BesideItem | undefined => {
  const of = (name: keyof typeof OF_COMMENT) => paramOf(parsed, OF_COMMENT[name].toLowerCase())
  const id = of('id').toLowerCase()
  if (id === '' || parent === '') return undefined
  const created_at = instantFrom(of('created'))
  const edited = of('edited').toUpperCase() === 'TRUE'
  const updated_at = instantFrom(of('updated')) ?? created_at
  const text = textOf(parsed)
  return { kind: 'comment', id, key: id, parent, text, edited, created_at, updated_at }
}

/** An occurrence that we have written, where it is still done as it was. */
export const ownOccurrence = (
  todo: Component,
  outcome: string,
  { parent, slot }: { readonly parent: string; readonly slot: WallTime },
): BesideItem | undefined => {
  const fields = fieldsIn(propertyOf(todo, OWN.occurrence))
  const notes: Note[] = []
  const made = fields && doneOf({ ...fields, task_id: parent }, notes)
  if (made?.kind !== 'done' || notes.length > 0 || made.outcome !== outcome) return undefined
  return JSON.stringify(made.occurrence) === JSON.stringify(slot) ? { ...made, parent } : undefined
}
