// What belongs to tasks in our own export.
import { Reminder } from '../../reminders/index.ts'
import { NewTask, RecurrenceRule } from '../../tasks/index.ts'
import { instantFrom } from '../values.ts'
import { asText, countIn, type Fields, fitted, type Maker } from './own-fields.ts'

const shape = NewTask.shape
const idsOf = (fields: Fields) => {
  const id = asText(fields['id']).toLowerCase()
  return { id, key: id, parent: asText(fields['task_id']).toLowerCase() }
}
const momentsOf = (fields: Fields) => ({
  created_at: instantFrom(asText(fields['created_at'])),
  updated_at: instantFrom(asText(fields['updated_at'])),
})
export const commentOf: Maker = (fields) => ({
  kind: 'comment',
  ...idsOf(fields),
  ...momentsOf(fields),
  text: asText(fields['text']),
  edited: fields['edited'] === true,
})
export const reminderOf: Maker = (fields, notes) => {
  const trigger = fitted(Reminder.shape.trigger, fields, 'trigger', notes)
  const status = fitted(Reminder.shape.status, fields, 'status', notes) ?? 'pending'
  if (!trigger) return undefined
  return {
    kind: 'reminder',
    ...idsOf(fields),
    ...momentsOf(fields),
    trigger,
    past: {
      status,
      fire_at: instantFrom(asText(fields['fire_at'])),
      fired_at: instantFrom(asText(fields['fired_at'])),
      late: fields['late'] === true,
    },
  }
}
export const doneOf: Maker = (fields, notes) => {
  const wall = (name: string) => fitted(shape.due, fields, name, notes)
  const [occurrence, due, starts] = [wall('occurrence'), wall('due'), wall('starts')]
  const done_at = instantFrom(asText(fields['done_at']))
  const rule = fitted(RecurrenceRule, fields, 'rule', notes)
  if (!occurrence || !due || !starts || done_at === null || rule === undefined) return undefined
  return {
    kind: 'done',
    ...idsOf(fields),
    occurrence,
    due,
    start: wall('start') ?? null,
    outcome: fields['outcome'] === 'skipped' ? 'skipped' : 'completed',
    done_at,
    status: fitted(shape.status, fields, 'status', notes) ?? 'pending',
    recurrence_left: countIn(fields['recurrence_left']),
    rule,
    starts,
  }
}
