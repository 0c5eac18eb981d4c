// todo.txt: a task a line. https://github.com/todotxt/todo.txt
import { createLines, type Line } from '../lines.ts'
import {
  type Found,
  type Note,
  type Reader,
  type Recurrence,
  type Setting,
  taskItem,
} from '../row.ts'
import { createContentKeys, dayOf, minutesOf, note, shown, startOfDay } from '../values.ts'

const FREQUENCIES: Readonly<Record<string, string>> = {
  d: 'DAILY',
  w: 'WEEKLY',
  m: 'MONTHLY',
  y: 'YEARLY',
}

/** `rec:1w` counts from the day of completion, `rec:+1w` from the due. `b` are business days. */
const recurrenceOf = (text: string): Recurrence | undefined => {
  const [, strict, count = '', unit = ''] = /^(\+)?(\d{1,3})([dwmyb])$/.exec(text) ?? []
  if (count === '' || Number(count) === 0 || (unit === 'b' && Number(count) > 1)) return undefined
  const rule =
    unit === 'b'
      ? 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'
      : `FREQ=${FREQUENCIES[unit]}${Number(count) > 1 ? `;INTERVAL=${Number(count)}` : ''}`
  return { rule, anchor: strict ? 'due' : 'completion', missed: 'skip', starts: null }
}

/** Is it the name of a pair, and no time of day? What no object can be given is none. */
const isKey = (name: string): boolean => name !== '' && name !== '__proto__' && !/^\d+$/.test(name)

const estimateOf = (text: string): number | undefined =>
  minutesOf(`PT${text.toUpperCase()}`) ?? (/^\d{1,6}$/.test(text) ? Number(text) : undefined)

const priorityOf = (letter: string) =>
  letter === 'A' ? 'urgent' : letter === 'B' ? 'high' : letter === 'C' ? 'medium' : 'low'

const DATE = String.raw`\d{4}-\d\d-\d\d`
const PRIORITY = String.raw`(?:\(([A-Z])\) )?`
/** With one date a task that is done has that of its completion, and of another one its creation. */
const DONE = new RegExp(`^x ${PRIORITY}(?:(${DATE}) )?(?:(${DATE}) )?${PRIORITY}`)
const OPEN = new RegExp(`^${PRIORITY}(?:(${DATE}) )?()${PRIORITY}`)

export const createTodoTxt = ({ timeZone }: Setting): Reader => {
  const lines = createLines()
  const keyOf = createContentKeys()

  const task = ({ number, text, cut }: Line): Found[] => {
    if (text.trim() === '') return []
    if (cut) {
      const detail = 'The line is longer than a task can be.'
      return [
        {
          row: number,
          title: shown(text),
          item: undefined,
          notes: [note('too_large', '', detail)],
        },
      ]
    }
    const notes: Note[] = []
    const done = text.startsWith('x ')
    const [head = '', before, first, second, behind] = (done ? DONE : OPEN).exec(text) ?? []
    const completed = done ? first : undefined
    const created = done ? second : first
    const date = (given: string | undefined, field: string) => {
      if (given === undefined) return null
      if (dayOf(given)) return startOfDay(given, timeZone)
      notes.push(note('invalid_date', field, `${given} is no date.`))
      return null
    }
    const words = text.slice(head.length).split(/\s+/)
    const labels: string[] = []
    const projects: string[] = []
    const extra: Record<string, string> = {}
    // A second priority is a word of the title.
    const title: string[] = before && behind ? [`(${behind})`] : []
    const pairs = new Map<string, string>()
    let url: string | null = null
    for (const word of words) {
      const [, name = '', value = ''] = /^([^\s:+@][^\s:]*):([^\s]+)$/.exec(word) ?? []
      if (/^\+\S/.test(word)) projects.push(word.slice(1))
      else if (/^@\S/.test(word)) labels.push(word.slice(1))
      else if (value.startsWith('//')) {
        title.push(word)
        url ??= word
      } else if (isKey(name) && !pairs.has(name)) pairs.set(name, value)
      else title.push(word)
    }
    const taken = <T>(name: string, read: (value: string) => T | undefined | null): T | null => {
      const value = pairs.get(name)
      if (value === undefined) return null
      const made = read(value)
      if (made !== undefined && made !== null) pairs.delete(name)
      else notes.push(note('not_understood', name, `${shown(value)} stays as it is, in extra.`))
      return made ?? null
    }
    const letter = before ?? behind ?? taken('pri', (v) => (/^[A-Z]$/.test(v) ? v : undefined))
    const due = taken('due', dayOf)
    const start = taken('t', dayOf)
    const estimate = taken('est', estimateOf)
    const rec = pairs.get('rec') ?? ''
    let recurrence = taken('rec', recurrenceOf)
    if (recurrence && due === null) {
      const detail = `What recurs needs a due; ${shown(rec)} is kept in extra.`
      notes.push(note('recurrence', 'rec', detail))
      extra['rec'] = rec
      recurrence = null
    }
    for (const [name, value] of pairs) extra[name] = value
    // Its letter says more than the four priorities that there are here.
    if (letter && letter > 'D') {
      const other = pairs.get('pri')
      if (other !== undefined) title.push(`pri:${other}`)
      extra['pri'] = letter
    }
    const [project, ...others] = projects
    if (others.length > 0)
      notes.push(
        note(
          'more_projects',
          'project',
          `It is in one project; ${shown(others.join(', '))} became ${others.length > 1 ? 'labels' : 'a label'}.`,
        ),
      )
    const name = title.join(' ')
    return [
      {
        row: number,
        title: name,
        notes,
        item: taskItem({
          key: keyOf(text),
          project: project === undefined ? null : { name: project },
          title: name,
          status: done ? 'completed' : 'pending',
          priority: letter ? priorityOf(letter) : 'none',
          start,
          due,
          recurrence,
          estimate_minutes: estimate,
          url,
          labels: [...labels, ...others],
          extra,
          created_at: date(created, 'creation'),
          completed_at: date(completed, 'completion'),
        }),
      },
    ]
  }
  const all = function* (given: Iterable<Line>) {
    for (const line of given) yield* task(line)
  }
  return { read: (text) => all(lines.read(text)), end: () => all(lines.end()) }
}
