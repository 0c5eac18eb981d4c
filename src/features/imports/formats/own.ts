// Our own export, of each version that there was (docs/export-import.md).
import { Extra, NewTask, type SeriesOfFile, Title } from '../../tasks/index.ts'
import { CUT, createJsonValues, type Value } from '../json-values.ts'
import { type Found, type Note, type Reader, taskItem } from '../row.ts'
import { CUT_OFF, instantFrom, note, ofFile, shown } from '../values.ts'
import { commentOf, doneOf, reminderOf } from './own-beside.ts'
import {
  asText,
  countIn,
  type Fields,
  fitted,
  isObject,
  type Maker,
  textOr,
  texts,
} from './own-fields.ts'

/** The newest version that this one reads. */
export const VERSION = 1

/** What a task of the file has that none of ours takes: those that the service sets. */
const SET_HERE = ['updated_at', 'created_by', 'rev', 'progress', 'blocked', 'comment_count']

const shape = NewTask.shape
const recurrenceIn = (
  fields: Fields,
  notes: Note[],
): Omit<SeriesOfFile, 'occurrence' | 'left'> | null => {
  const made = fitted(shape.recurrence, fields, 'recurrence', notes)
  return made ? { ...made, starts: made.starts ?? null } : null
}

const taskOf: Maker = (fields, notes) => {
  const id = asText(fields['id']).toLowerCase()
  const instant = (name: string) => {
    const given = fields[name]
    if (given === null || given === undefined) return null
    const made = instantFrom(asText(given))
    if (made === null)
      notes.push(note('invalid_date', name, `${shown(JSON.stringify(given))} is no instant.`))
    return made
  }
  const project = textOr(fields['project_id'])
  const made = taskItem({
    id,
    key: id,
    parent: textOr(fields['parent_id'])?.toLowerCase() ?? null,
    blocked_by: texts(fields['blocked_by']).map((one) => one.toLowerCase()),
    project: project === null ? null : { id: project.toLowerCase() },
    title: fitted(Title, fields, 'title', notes) ?? asText(fields['title']),
    description: asText(fields['description']),
    status: fitted(shape.status, fields, 'status', notes) ?? 'pending',
    priority: fitted(shape.priority, fields, 'priority', notes) ?? 'none',
    start: fitted(shape.start, fields, 'start', notes) ?? null,
    due: fitted(shape.due, fields, 'due', notes) ?? null,
    deadline: fitted(shape.deadline, fields, 'deadline', notes) ?? null,
    estimate_minutes: fitted(shape.estimate_minutes, fields, 'estimate_minutes', notes) ?? null,
    url: fitted(shape.url, fields, 'url', notes) ?? null,
    external_id: fitted(shape.external_id, fields, 'external_id', notes) ?? null,
    recurrence: recurrenceIn(fields, notes),
    occurrence: fitted(shape.due, fields, 'occurrence', notes) ?? null,
    recurrence_left: countIn(fields['recurrence_left']),
    labels: texts(fields['labels']),
    extra: fitted(Extra, fields, 'extra', notes) ?? {},
    position: textOr(fields['position']),
    created_at: instant('created_at'),
    completed_at: instant('completed_at'),
    deleted_at: instant('deleted_at'),
  })
  const known = [...KNOWN, ...SET_HERE]
  for (const name of Object.keys(fields))
    if (!known.includes(name))
      notes.push(note('unknown_field', shown(name), 'Tasks have no such field here.'))
  return made
}
const KNOWN = [
  'id',
  'project_id',
  'parent_id',
  'title',
  'description',
  'status',
  'priority',
  'start',
  'due',
  'deadline',
  'estimate_minutes',
  'url',
  'external_id',
  'blocked_by',
  'recurrence',
  'occurrence',
  'recurrence_left',
  'labels',
  'extra',
  'position',
  'created_at',
  'completed_at',
  'deleted_at',
]

const named = (fields: Fields) => {
  const id = asText(fields['id']).toLowerCase()
  return {
    id,
    key: id,
    name: asText(fields['name']),
    color: textOr(fields['color']),
    created_at: instantFrom(asText(fields['created_at'])),
  }
}
const projectOf: Maker = (fields) => ({
  kind: 'project',
  ...named(fields),
  archived: fields['archived'] === true,
  position: textOr(fields['position']),
})
const labelOf: Maker = (fields) => ({ kind: 'label', ...named(fields) })
const settingsOf: Maker = (fields) => ({
  kind: 'settings',
  name: textOr(fields['name']),
  time_zone: textOr(fields['time_zone']),
  reminder_time: textOr(fields['reminder_time']),
  inbox: null,
})
const inboxOf: Maker = (fields) => ({
  kind: 'settings',
  name: null,
  time_zone: null,
  inbox: {
    name: asText(fields['name']),
    color: textOr(fields['color']),
    position: textOr(fields['position']),
  },
})

const lists: Readonly<Record<string, Maker>> = {
  tasks: taskOf,
  occurrences: doneOf,
  reminders: reminderOf,
  comments: commentOf,
  projects: projectOf,
  labels: labelOf,
}
const members: Readonly<Record<string, Maker>> = { settings: settingsOf, inbox: inboxOf }

export const createOwn = (): Reader => {
  const values = createJsonValues()
  let row = 0
  let refused = false
  let ended = false
  let known = false
  const fault = (code: string, detail: string, field = ''): Found => ({
    row,
    title: '',
    item: undefined,
    notes: [note(code, field, detail)],
  })
  const found = ({ member, element, value, fault: why }: Value): Found[] => {
    const name = member ?? ''
    const list = element && Object.hasOwn(lists, name) ? lists[name] : undefined
    if (list) row++
    if (list || (name === 'format' && value === 'taskport')) known = true
    if (refused) return []
    if (why === CUT) return []
    if (why !== undefined) return [fault('malformed', why, shown(name))]
    const make = list ?? (!element && Object.hasOwn(members, name) ? members[name] : undefined)
    if (make) {
      if (!isObject(value)) return [fault('malformed', 'It is no object.', name)]
      const notes: Note[] = []
      const item = make(value, notes)
      if (!item) notes.push(note('malformed', shown(name), 'It is not complete, and left out.'))
      return [{ row, title: asText(value['title'] ?? value['name']), item, notes }]
    }
    if (name === 'version' && !element) {
      if (typeof value === 'number' && value >= 1 && value <= VERSION) return []
      refused = true
      const detail = `This is version ${shown(JSON.stringify(value))} of the export; ${VERSION} is the newest that is known here.`
      return [{ ...fault('version', detail, 'version'), failure: detail }]
    }
    if (name === 'end') ended = true
    if (['format', 'exported_at', 'end'].includes(name)) return []
    return element ? [] : [fault('unknown_field', 'The export has no such member.', shown(name))]
  }
  const all = function* (given: Iterable<Value>) {
    for (const value of given) yield* found(value)
  }
  return {
    read: (text) => all(values.read(text)),
    *end() {
      yield* all(values.end())
      if (refused) return
      if (!known) yield ofFile('not_the_format', 'This is no export of Taskport.')
      else if (!ended) yield ofFile('cut', CUT_OFF)
    },
  }
}
