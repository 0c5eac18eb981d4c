// Makes what a format has read fit what can be stored here, and notes what that costs.

import { isPosition } from '../../core/position.ts'
import { Color, isSeen } from '../../core/schemas.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { isTimeZone } from '../../core/time-zones.ts'
import { LabelName } from '../labels/index.ts'
import { ClockTime } from '../reminders/index.ts'
import {
  MAX_DESCRIPTION_BYTES,
  MAX_EXTRA_BYTES,
  MAX_EXTRA_FIELDS,
  MAX_LABELS,
  MAX_TITLE,
} from '../tasks/index.ts'
import { clean, cutBytes, fitComment, fitPlain, fitReminders } from './fit-fields.ts'
import type { Found, Item, Note, ProjectOf, TaskItem } from './row.ts'
import { note, shown } from './values.ts'

const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim()

/** The first `most` characters. */
const cut = (text: string, most: number): string => {
  if (text.length <= most) return text
  const characters = [...text.slice(0, most * 2)]
  return characters.slice(0, most).join('')
}
const NO_TITLE = '(no title)'

const withTitle = (item: TaskItem, notes: Note[]): Pick<TaskItem, 'title' | 'description'> => {
  const whole = oneLine(item.title)
  const description = clean(item.description)
  if (whole === '' || !isSeen(whole)) {
    const line = cut(
      oneLine(
        description.split('\n').find((one) => isSeen(oneLine(one)) && oneLine(one) !== '') ?? '',
      ),
      MAX_TITLE,
    )
    if (line === '')
      notes.push(note('no_title', 'title', `It has none, and is called ${NO_TITLE}.`))
    return { title: line || NO_TITLE, description }
  }
  const title = cut(whole, MAX_TITLE)
  if (title === whole) return { title, description }
  notes.push(
    note(
      'shortened',
      'title',
      'It is too long for a title; the description begins with all of it.',
    ),
  )
  return { title, description: description === '' ? whole : `${whole}\n\n${description}` }
}

const fitLabels = (given: readonly string[], notes: Note[]): string[] => {
  const labels = new Set<string>()
  for (const one of given) {
    const fits = LabelName.safeParse(one)
    if (!fits.success) {
      const short = LabelName.safeParse(cut(oneLine(one), 60))
      notes.push(
        note(
          'label',
          'labels',
          `${shown(one)} cannot be a label${short.success ? ', and is shortened' : ''}.`,
        ),
      )
      if (short.success) labels.add(short.data)
    } else if (labels.size < MAX_LABELS || labels.has(fits.data)) labels.add(fits.data)
    else
      notes.push(
        note(
          'too_many',
          'labels',
          `${shown(one)} is left out: a task has ${MAX_LABELS} labels at most.`,
        ),
      )
  }
  return [...labels].sort()
}

const fitExtra = (
  given: Readonly<Record<string, string>>,
  notes: Note[],
): Record<string, string> => {
  const kept: Record<string, string> = {}
  let fields = 0
  for (const [name, value] of Object.entries(given)) {
    const entry: [string, string] = [
      cut(name.toWellFormed().replaceAll('\0', ''), 200),
      value.toWellFormed().replaceAll('\0', ''),
    ]
    if (entry[0] === '') continue
    const bytes = utf8Length(JSON.stringify({ ...kept, [entry[0]]: entry[1] }))
    if (fields < MAX_EXTRA_FIELDS && bytes <= MAX_EXTRA_BYTES) {
      Object.defineProperty(kept, entry[0], {
        value: entry[1],
        enumerable: true,
        configurable: true,
        writable: true,
      })
      fields++
    } else
      notes.push(
        note(
          'extra_full',
          shown(name),
          `${shown(value)} is left out: extra has ${MAX_EXTRA_FIELDS} texts and ${MAX_EXTRA_BYTES} bytes at most.`,
        ),
      )
  }
  return kept
}

const MAX_NAME = 120
/** A name of one line; `fallback` where nothing is left of it. */
export const fitName = (given: string, fallback: string): string => {
  const name = cut(oneLine(given).normalize('NFC'), MAX_NAME).trim()
  return name !== '' && isSeen(name) ? name : fallback
}
const fitColor = (given: string | null): string | null => Color.safeParse(given).data ?? null
const fitPosition = (given: string | null): string | null =>
  given !== null && isPosition(given) ? given : null

const fitProject = (project: ProjectOf): ProjectOf =>
  project && 'name' in project ? { name: fitName(project.name, 'Imported') } : project

const fitTask = (given: TaskItem, notes: Note[]): TaskItem => {
  const item = { ...given, ...fitPlain(given, notes) }
  const { title, description } = withTitle(item, notes)
  const short =
    utf8Length(description) <= MAX_DESCRIPTION_BYTES
      ? description
      : cutBytes(description, MAX_DESCRIPTION_BYTES)
  if (short !== description)
    notes.push(
      note(
        'shortened',
        'description',
        `It has more than ${MAX_DESCRIPTION_BYTES} bytes; the rest is left out.`,
      ),
    )
  return {
    ...item,
    title,
    description: short,
    labels: fitLabels(item.labels, notes),
    extra: fitExtra(item.extra, notes),
    project: fitProject(item.project),
    position: fitPosition(item.position),
    reminders: fitReminders(item, notes),
    comments: item.comments.flatMap(({ text, created_at }) => {
      const fitted = fitComment(text, notes)
      return fitted === null ? [] : [{ text: fitted, created_at }]
    }),
  }
}

const fitItem = (item: Item, notes: Note[]): Item => {
  switch (item.kind) {
    case 'task':
      return fitTask(item, notes)
    case 'project': {
      const { name, color, position } = item
      return {
        ...item,
        name: fitName(name, 'Imported'),
        color: fitColor(color),
        position: fitPosition(position),
      }
    }
    case 'label':
      return { ...item, color: fitColor(item.color) }
    case 'settings': {
      const { inbox, name, time_zone, reminder_time } = item
      return {
        ...item,
        name: name === null ? null : fitName(name, '') || null,
        time_zone: time_zone !== null && isTimeZone(time_zone) ? time_zone : null,
        reminder_time: ClockTime.safeParse(reminder_time).data ?? null,
        inbox: inbox && {
          name: fitName(inbox.name, 'Inbox'),
          color: fitColor(inbox.color),
          position: fitPosition(inbox.position),
        },
      }
    }
    case 'comment':
      return { ...item, text: fitComment(item.text, notes) ?? '' }
    default:
      return item
  }
}

/** The same, with an item that can be stored. */
export const fit = (found: Found): Found => {
  const title = cut(oneLine(found.title), 120)
  if (!found.item) return { ...found, title }
  const notes = [...found.notes]
  const item = fitItem(found.item, notes)
  if (item.kind === 'comment' && item.text === '')
    return { ...found, title, item: undefined, notes, aside: true }
  if (item.kind === 'label' && !LabelName.safeParse(item.name).success) {
    notes.push(note('label', 'name', `${shown(item.name)} cannot be a label.`))
    return { ...found, title, item: undefined, notes }
  }
  return { ...found, title: title || ('title' in item ? cut(item.title, 120) : ''), item, notes }
}
