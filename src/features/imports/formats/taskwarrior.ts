// What `task export` writes: an array of tasks, or one a line.
import type { Task } from '../../tasks/index.ts'
import { CUT, createJsonValues, type Value } from '../json-values.ts'
import {
  type Comment,
  type Found,
  type Note,
  type Reader,
  type Recurrence,
  type Setting,
  taskItem,
} from '../row.ts'
import {
  CUT_OFF,
  compactInstant,
  inTable,
  minutesOf,
  note,
  ofFile,
  shown,
  timeOf,
  wallAt,
} from '../values.ts'
import { ruleOf } from './taskwarrior-rules.ts'

type Fields = Readonly<Record<string, unknown>>

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

/** Its export writes some characters by names. */
const NAMES: Readonly<Record<string, string>> = { dquot: '"', open: '[', close: ']', squot: "'" }
const decoded = (value: unknown): string =>
  asText(value).replace(/&(dquot|squot|open|close);/g, (_, name: string) => NAMES[name] as string)

const PRIORITIES: Readonly<Record<string, Task['priority']>> = { H: 'high', M: 'medium', L: 'low' }
const STATUSES: Readonly<Record<string, Task['status']>> = {
  pending: 'pending',
  waiting: 'pending',
  recurring: 'pending',
  completed: 'completed',
  deleted: 'pending',
}
/** A mask has a character for each occurrence: `+` and `X` are over, `-` and `W` are open. */
const passedIn = (mask: string): number => {
  const open = mask.search(/[^+X]/i)
  return open < 0 ? mask.length : open
}

/** What it works out itself, or what has no meaning elsewhere. */
const DERIVED = ['id', 'urgency', 'imask', 'modified', 'rtype', 'last', 'template']

const refused = (row: number, detail: string): Found[] => [
  { row, title: '', item: undefined, notes: [note('malformed', '', detail)] },
]

export const createTaskwarrior = ({ timeZone }: Setting): Reader => {
  const values = createJsonValues({ wholeObjects: true })
  let row = 0
  let [isCut, known] = [false, false]
  /** The uuids of what is a task of its own. */
  const uuids = new Set<string>()
  /** What names a parent, which may come behind it. */
  const instances: { readonly row: number; readonly fields: Fields }[] = []

  const found = ({ value, fault }: Value): Found[] => {
    if (fault === CUT) isCut = true
    if (fault === CUT) return []
    row++
    if (fault !== undefined) return refused(row, fault)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refused(row, 'This is no task.')
    const fields = value as Fields
    known ||= Object.hasOwn(fields, 'uuid')
    if (!fields['parent']) return task(row, fields)
    instances.push({ row, fields })
    return []
  }

  const task = (at: number, fields: Fields): Found[] => {
    const left = new Map(Object.entries(fields))
    const notes: Note[] = []
    const take = (name: string): unknown => {
      const found = left.get(name)
      left.delete(name)
      return found ?? undefined
    }
    const instant = (name: string) => {
      const given = asText(take(name))
      if (given === '') return null
      const made = compactInstant(given)
      if (made === null) notes.push(note('invalid_date', name, `${shown(given)} is no instant.`))
      return made
    }
    /** It has instants alone: midnight of the user is what a day was. */
    const wall = (name: string) => {
      const at = instant(name)
      if (at === null) return null
      const { date, datetime } = wallAt(Date.parse(at), timeZone)
      if (datetime.endsWith('T00:00:00')) return { kind: 'day', date } as const
      return timeOf(datetime, timeZone)
    }
    for (const name of DERIVED) left.delete(name)
    const key = asText(take('uuid')).toLowerCase()
    const title = decoded(take('description'))
    const state = asText(take('status'))
    const status = inTable(STATUSES, state)
    if (status === undefined)
      notes.push(note('not_understood', 'status', `${shown(state) || 'None'} is read as pending.`))
    const master = asText(take('parent'))
    const due = wall('due')
    const end = instant('end')
    if (uuids.has(master.toLowerCase()) && due !== null) {
      const slot = due.kind === 'day' ? due.date : due.datetime
      const outcome = state === 'completed' ? 'completed' : state === 'deleted' ? 'skipped' : 'open'
      const completed_at = outcome === 'completed' ? end : null
      const parent = master.toLowerCase()
      const item = { kind: 'occurrence', parent, slot, due, start: null } as const
      return [{ row: at, title, notes, item: { ...item, completed_at, state: outcome } }]
    }
    if (key === '') return refused(at, 'It has no uuid.')
    uuids.add(key)
    const recur = asText(take('recur'))
    const mask = asText(take('mask'))
    let recurrence: Recurrence | null = null
    const extra: Record<string, string> = {}
    if (master !== '') {
      const detail =
        'What it is an occurrence of is not in the file: it stands alone, and happens once.'
      notes.push(note('recurrence', 'parent', detail))
      extra['parent'] = master
      if (recur !== '') extra['recur'] = recur
    } else if (recur !== '') {
      const rule = ruleOf(recur)
      if (rule && due !== null)
        recurrence = { rule, anchor: 'due', missed: 'skip', starts: null, passed: passedIn(mask) }
      else {
        notes.push(
          note('recurrence', 'recur', `${shown(recur)} is kept in extra: it cannot recur so here.`),
        )
        extra['recur'] = recur
      }
    }
    const scheduled = wall('scheduled')
    const wait = wall('wait')
    const started = instant('start')
    const annotations = take('annotations')
    const comments: Comment[] = (Array.isArray(annotations) ? annotations : []).map(
      (one: Fields) => ({
        text: decoded(one?.['description']),
        created_at: compactInstant(asText(one?.['entry'])),
      }),
    )
    const depends = take('depends')
    const blockers = Array.isArray(depends) ? depends.map(asText) : asText(depends).split(',')
    const tags = take('tags')
    const labels = (Array.isArray(tags) ? tags.map(asText) : asText(tags).split(/[, ]/)).filter(
      Boolean,
    )
    const estimate = left.has('estimate') ? minutesOf(asText(left.get('estimate'))) : undefined
    if (estimate !== undefined) left.delete('estimate')
    const project = asText(take('project'))
    const letter = asText(take('priority'))
    const created = instant('entry')
    if (scheduled !== null && wait !== null && 'date' in wait) extra['wait'] = wait.date
    else if (scheduled !== null && wait !== null)
      extra['wait'] = 'datetime' in wait ? wait.datetime : ''
    for (const [name, given] of left) extra[name] = asText(given)
    return [
      {
        row: at,
        title,
        notes,
        item: taskItem({
          key,
          external_id: key,
          blocked_by: blockers.map((one) => one.trim().toLowerCase()).filter(Boolean),
          project: project === '' ? null : { name: project },
          title,
          status: started !== null && status === 'pending' ? 'in_progress' : (status ?? 'pending'),
          priority: inTable(PRIORITIES, letter) ?? 'none',
          start: scheduled ?? wait,
          due,
          estimate_minutes: estimate ?? null,
          labels,
          extra,
          recurrence,
          comments,
          created_at: created,
          completed_at: state === 'completed' ? end : null,
          deleted_at: state === 'deleted' ? (end ?? created) : null,
        }),
      },
    ]
  }
  const all = function* (given: Iterable<Value>) {
    for (const value of given) yield* found(value)
  }
  return {
    read: (text) => all(values.read(text)),
    *end() {
      yield* all(values.end())
      for (const instance of instances) yield* task(instance.row, instance.fields)
      if (!known && (row > 0 || !(isCut || values.isList())))
        yield ofFile('not_the_format', 'This is no export of Taskwarrior.')
      else if (isCut) yield ofFile('cut', CUT_OFF)
    },
  }
}
