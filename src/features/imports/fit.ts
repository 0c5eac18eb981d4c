// Makes what a format has read fit what can be stored here, and notes what that costs.

import { isPosition } from '../../core/position.ts'
import { Color, isSeen } from '../../core/schemas.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { isTimeZone } from '../../core/time-zones.ts'
import { LabelName } from '../labels/index.ts'
import {
  MAX_DESCRIPTION_BYTES,
  MAX_EXTRA_BYTES,
  MAX_EXTRA_FIELDS,
  MAX_LABELS,
  MAX_TITLE,
  NewTask,
} from '../tasks/index.ts'
import type { Found, Item, Note, ProjectOf, TaskItem } from './row.ts'
import { withoutOccurrence, withoutSeams } from './seams.ts'
import { note, shown } from './values.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes away.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const clean = (text: string): string => text.toWellFormed().replace(CONTROLS, '')
const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim()

/** The first `most` characters. */
const cut = (text: string, most: number): string => {
  if (text.length <= most) return text
  const characters = [...text.slice(0, most * 2)]
  return characters.slice(0, most).join('')
}
/** As much of the beginning as has so many bytes. */
const cutBytes = (text: string, most: number): string => {
  let short = text.slice(0, most).toWellFormed()
  while (utf8Length(short) > most)
    short = short
      .slice(0, Math.floor((short.length * most) / utf8Length(short)))
      .replace(/\ufffd$|[\ud800-\udbff]$/, '')
  return short
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

type PlainName = 'deadline' | 'estimate_minutes' | 'url' | 'external_id'
/** These as their schemas have them; what does not fit is kept in `extra`. */
const fitPlain = (item: TaskItem, notes: Note[]): Pick<TaskItem, PlainName | 'extra'> => {
  const extra = { ...item.extra }
  const fitted = <T extends string | number>(name: PlainName, given: T | null): T | null => {
    if (given === null || given === '') return null
    const { success, data } = NewTask.shape[name].safeParse(given)
    if (success) return data as T
    extra[name] ??= String(given)
    notes.push(
      note('kept_in_extra', name, `${shown(String(given))} does not fit; it is kept in extra.`),
    )
    return null
  }
  return {
    deadline: fitted('deadline', item.deadline),
    estimate_minutes: fitted('estimate_minutes', item.estimate_minutes),
    url: fitted('url', item.url),
    external_id: fitted('external_id', item.external_id),
    extra,
  }
}

const fitTask = (given: TaskItem, notes: Note[]): TaskItem => {
  const seamless = withoutSeams(given, notes)
  const item = { ...seamless, ...fitPlain(seamless, notes) }
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
      const { inbox, name, time_zone } = item
      return {
        ...item,
        name: name === null ? null : fitName(name, '') || null,
        time_zone: time_zone !== null && isTimeZone(time_zone) ? time_zone : null,
        inbox: inbox && {
          name: fitName(inbox.name, 'Inbox'),
          color: fitColor(inbox.color),
          position: fitPosition(inbox.position),
        },
      }
    }
    case 'occurrence':
      notes.push(withoutOccurrence)
      return item
  }
}

/** The same, with an item that can be stored. */
export const fit = (found: Found): Found => {
  const title = cut(oneLine(found.title), 120)
  if (!found.item) return { ...found, title }
  const notes = [...found.notes]
  const item = fitItem(found.item, notes)
  if (item.kind === 'label' && !LabelName.safeParse(item.name).success) {
    notes.push(note('label', 'name', `${shown(item.name)} cannot be a label.`))
    return { ...found, title, item: undefined, notes }
  }
  return { ...found, title: title || ('title' in item ? cut(item.title, 120) : ''), item, notes }
}
