// What Todoist writes for a project: CSV with tasks, sections and notes as rows of one table.
import Papa from 'papaparse'
import { isTimeZone } from '../../../core/time-zones.ts'
import { createRows } from '../csv-rows.ts'
import {
  type Comment,
  type Found,
  type Note,
  type Reader,
  type Setting,
  type TaskItem,
  taskItem,
} from '../row.ts'
import {
  createContentKeys,
  dayOf,
  instantFrom,
  inTable,
  minutesOf,
  note,
  ofFile,
  shown,
} from '../values.ts'
import { MAPPED, NO_HEADER, NONE, PRIORITIES } from './todoist-columns.ts'
import { datedBy } from './todoist-dates.ts'

type Cells = ReadonlyMap<string, string>

export const createTodoist = (
  { timeZone, now }: Setting,
  { project }: { readonly project: string },
): Reader => {
  const rows = createRows(Papa)
  const keyOf = createContentKeys()
  let header: readonly string[] | undefined
  let section = ''
  /** The tasks above the present row, by their indent. */
  const line: TaskItem[] = []
  /** A task waits for the notes behind it. */
  let open: { found: Found; item: TaskItem; comments: Comment[]; notes: Note[] } | undefined
  let number = 0

  const closed = function* (): Generator<Found> {
    if (!open) return
    const { found, item, comments, notes } = open
    open = undefined
    yield { ...found, notes, item: { ...item, comments } }
  }
  const noteRow = (cells: Cells): Found | undefined => {
    const text = cells.get('CONTENT') ?? ''
    if (!open) {
      const detail = 'A note that belongs to no task.'
      return {
        row: number,
        title: shown(text),
        item: undefined,
        notes: [note('no_task', '', detail)],
      }
    }
    const author = cells.get('AUTHOR') ?? ''
    const written = (cells.get('DATE') ?? '')
      .replace(/^(\S+) (\S+) UTC$/, '$1T$2Z')
      .replace(/(\.\d{3})\d+Z$/, '$1Z')
    const [, before = '', file] = /^([\s\S]*?)\s*\[\[file (\{[\s\S]*\})\]\]\s*$/.exec(text) ?? [
      text,
      text,
    ]
    const attached = file === undefined ? '' : attachmentIn(file)
    if (file !== undefined)
      open.notes.push(
        note(
          'attachment',
          'CONTENT',
          `A file is kept as its address in a comment: ${shown(attached)}`,
        ),
      )
    const signed = author === '' ? '' : `${author}: `
    open.comments.push({
      text: `${signed}${[before, attached].filter(Boolean).join(' ')}`,
      created_at: instantFrom(written),
    })
    return undefined
  }
  const attachmentIn = (json: string): string => {
    try {
      const { file_name, file_url } = JSON.parse(json) as Record<string, unknown>
      return [file_name, file_url].filter((part) => typeof part === 'string').join(' ')
    } catch {
      return json
    }
  }
  const task = (cells: Cells): void => {
    const notes: Note[] = []
    const extra: Record<string, string> = {}
    const cell = (name: string) => {
      const value = cells.get(name)?.trim() ?? ''
      return NONE.includes(value) ? '' : value
    }
    const content = (cells.get('CONTENT') ?? '').trim()
    const isHeading = content.startsWith('* ')
    if (isHeading) notes.push(note('heading', 'CONTENT', 'A heading is a task here.'))
    const words = (isHeading ? content.slice(2) : content).split(' ')
    const labels: string[] = []
    while (words.length > 1 && /^@\S/.test(words.at(-1) ?? ''))
      labels.push((words.pop() ?? '').slice(1))
    const title = words.join(' ')
    const indent = Math.min(Math.max(Number.parseInt(cell('INDENT'), 10) || 1, 1), line.length + 1)
    line.length = indent - 1
    const parent = line.at(-1)
    const zoneName = cell('TIMEZONE')
    const zone = zoneName !== '' && isTimeZone(zoneName) ? zoneName : null
    if (zoneName !== '' && zone === null)
      notes.push(
        note(
          'unknown_zone',
          'TIMEZONE',
          `${shown(zoneName)} is no time zone here: times are floating.`,
        ),
      )
    const date = cell('DATE')
    const english = ['', 'en'].includes(cell('DATE_LANG'))
    const dated = date === '' ? undefined : datedBy(date, { zone, now, timeZone })
    const known = dated && (english || !dated.guessed) ? dated : undefined
    if (date !== '' && known === undefined) {
      extra['date'] = date
      notes.push(
        note(
          'kept_in_extra',
          'DATE',
          `${shown(date)} is kept in extra: which day it means is not known.`,
        ),
      )
    } else if (known?.guessed)
      notes.push(
        note('date_in_words', 'DATE', `${shown(date)} was read from the day of the import on.`),
      )
    const amount = cell('DURATION')
    const unit = cell('DURATION_UNIT')
    const estimate = /^\d{1,6}$/.test(amount)
      ? minutesOf(unit === 'day' ? `P${amount.slice(0, 5)}D` : `PT${amount}M`)
      : undefined
    if (amount !== '' && estimate === undefined) extra['duration'] = `${amount} ${unit}`.trim()
    const deadline = cell('DEADLINE')
    const isDeadline = dayOf(deadline) !== null
    if (deadline !== '' && !isDeadline) {
      extra['deadline'] = deadline
      notes.push(
        note('invalid_date', 'DEADLINE', `${shown(deadline)} is no date; it is kept in extra.`),
      )
    }
    if (cell('RESPONSIBLE') !== '') {
      extra['responsible'] = cell('RESPONSIBLE')
      notes.push(
        note(
          'assignee',
          'RESPONSIBLE',
          `${shown(cell('RESPONSIBLE'))} is kept in extra: tasks have no assignees here.`,
        ),
      )
    }
    if (section !== '') extra['section'] = section
    for (const [name, value] of cells)
      if (!MAPPED.includes(name) && !NONE.includes(value.trim())) extra[name.toLowerCase()] = value
    const path = [...line.map(({ title }) => title), title]
    const item = taskItem({
      key: keyOf(project, section, ...path, cell('DESCRIPTION')),
      parent: parent?.key ?? null,
      title,
      description: cells.get('DESCRIPTION') ?? '',
      priority: inTable(PRIORITIES, cell('PRIORITY')) ?? 'none',
      due: known?.due ?? null,
      recurrence: known?.recurrence ?? null,
      deadline: isDeadline ? deadline : null,
      estimate_minutes: estimate ?? null,
      labels,
      extra,
    })
    line.push(item)
    open = { found: { row: number, title, item, notes }, item, comments: [], notes }
  }
  const row = function* (values: readonly string[], fault: string | undefined): Generator<Found> {
    number++
    if (fault !== undefined)
      yield { row: number, title: '', item: undefined, notes: [note('malformed', '', fault)] }
    if (header === undefined) {
      header = values.map((name) => name.trim().toUpperCase())
      return
    }
    const cells = new Map(header.map((name, at) => [name, values[at] ?? '']))
    const type = cells.get('TYPE')?.trim().toLowerCase()
    if (type === 'note') {
      const found = noteRow(cells)
      if (found) yield found
      return
    }
    if (type === '' || type === undefined || type === 'meta') return
    yield* closed()
    if (type === 'section') {
      section = (cells.get('CONTENT') ?? '').trim()
      line.length = 0
      const detail = 'There are no sections here: their tasks have the name in extra.'
      yield {
        row: number,
        title: section,
        item: undefined,
        aside: true,
        notes: [note('section', 'TYPE', detail)],
      }
    } else if (type === 'task') task(cells)
    else {
      const detail = `There is nothing like ${shown(type)} here.`
      yield { row: number, title: '', item: undefined, notes: [note('not_a_task', 'TYPE', detail)] }
    }
  }
  return {
    *read(text) {
      for (const { values, fault } of rows.read(text)) yield* row(values, fault)
    },
    *end() {
      for (const { values, fault } of rows.end()) yield* row(values, fault)
      yield* closed()
      if (!header?.includes('TYPE') || !header.includes('CONTENT'))
        yield ofFile('not_the_format', NO_HEADER)
    },
  }
}
