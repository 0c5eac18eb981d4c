// A row of another backend's table of tasks as a task of this one.
import {
  type ImportedTask,
  MAX_LABELS,
  NewTask,
  taskDefaults,
} from '../../src/features/tasks/index.ts'
import type { Change } from '../../src/http/legacy/fields.ts'
import { keep } from '../../src/http/legacy/kept.ts'
import {
  changeOf,
  type Draft,
  fieldsIn,
  type Given,
  KEPT,
  type Note,
  type Row,
  upper,
} from './change.ts'
import { keyOf, type TaskTable } from './layout.ts'
import { fittedDescription, fittedTitle, storable } from './texts.ts'
import { flagOf, instantIn } from './values.ts'

export type Mapped =
  | {
      readonly task: Omit<ImportedTask, 'id'>
      /**
       * What the row says of when it was made: milliseconds, or as JSON if that is no time; null for
       * nothing. The same at each import, whatever the time is here.
       */
      readonly written: number | string | null
      readonly notes: readonly Note[]
    }
  /** Why the row is no task here. */
  | { readonly refused: string }

const texts = (row: Row, table: TaskTable, description: Given | undefined, notes: Note[]) => {
  const title = fittedTitle(row.get(table.title.name) ?? null)
  const said = description === undefined ? '' : String(description.value)
  const whole = [title.whole, said].filter(Boolean).join('\n\n')
  const fitted = fittedDescription(whole)
  for (const reason of title.reasons) notes.push({ column: table.title.name, reason })
  for (const reason of fitted.reasons)
    notes.push({ column: description?.column ?? table.title.name, reason })
  return { title: title.text, description: fitted.text }
}

/** The names that are names of labels, and those that are none. */
const labelsOf = (names: readonly string[]) => {
  const [fit, unfit]: [string[], string[]] = [[], []]
  for (const name of names) {
    const [label] = NewTask.shape.labels.safeParse([name]).data ?? []
    if (label !== undefined && fit.includes(label)) continue
    if (label === undefined || fit.length === MAX_LABELS) unfit.push(storable(name).text)
    else fit.push(label)
  }
  return { fit: fit.sort(), unfit }
}

const dueOf = ({ due }: Change, column: string, draft: Draft, given: unknown) => {
  if (due === null || due === undefined) return null
  const parts = Object.fromEntries(Object.entries(due).filter(([, part]) => part !== null))
  const parsed = NewTask.shape.due.safeParse(parts)
  if (parsed.success) return parsed.data
  const reason = parsed.error.issues[0]?.message ?? 'It is no date.'
  draft.notes.push({ column, reason: `${reason} ${upper(KEPT)}.` })
  draft.kept.set('due_date', given)
  return null
}

/** What is kept of a value in `extra`: its entries, as the contract writes them. */
const entriesOf = (name: string, value: unknown): [string, string][] =>
  Object.entries(keep(name, value)).flatMap(([key, text]) =>
    text === null ? [] : [[key, storable(text).text] as [string, string]],
  )

/** As much as fits, the first ones first. */
const extraOf = (
  all: readonly (readonly [string, readonly [string, string][]])[],
  notes: Note[],
) => {
  const whole = Object.fromEntries(all.flatMap(([, entries]) => entries))
  if (NewTask.shape.extra.safeParse(whole).success) return whole
  let extra: Record<string, string> = {}
  for (const [column, entries] of all) {
    const more = { ...extra, ...Object.fromEntries(entries) }
    if (NewTask.shape.extra.safeParse(more).success) extra = more
    else
      notes.push({ column, reason: 'it is left out: extra holds 20 texts, and 4096 bytes of JSON' })
  }
  return extra
}

const times = {
  created: ['created_at', 'created', 'created_on', 'date_created'],
  updated: ['updated_at', 'updated', 'modified_at', 'updated_on', 'date_updated'],
  completed: ['completed_at', 'done_at', 'finished_at'],
} as const

const columnIn = (left: ReadonlyMap<string, unknown>, names: readonly string[]) =>
  [...left.keys()].find((key) => names.some((name) => keyOf(name) === keyOf(key)))

const writtenIn = (left: ReadonlyMap<string, unknown>): number | string | null => {
  const value = left.get(columnIn(left, times.created) ?? '')
  return instantIn(value) ?? JSON.stringify(value) ?? null
}

/** Takes an instant out of the columns that are left; one that is no past one stays there. */
const takeInstant = (
  left: Map<string, unknown>,
  names: readonly string[],
  { now, notes }: { readonly now: number; readonly notes: Note[] },
): number | undefined => {
  const column = columnIn(left, names)
  if (column === undefined) return undefined
  const ms = instantIn(left.get(column))
  if (ms !== undefined && ms >= 0 && ms <= now) {
    left.delete(column)
    return ms
  }
  const why =
    ms === undefined ? 'it is no time' : `it lies ${ms < 0 ? 'before 1970' : 'in the future'}`
  notes.push({ column, reason: `${why}: ${KEPT}` })
  return undefined
}

/** Why a row is not there any more, for the other backend. */
const deletion = (left: ReadonlyMap<string, unknown>): string | undefined => {
  const [column] =
    [...left].find(
      ([name, value]) =>
        ['deletedat', 'isdeleted', 'deleted'].includes(keyOf(name)) && flagOf(value) !== false,
    ) ?? []
  return column === undefined ? undefined : `it is deleted there (${column})`
}

type Around = {
  readonly table: TaskTable
  /** Its id as text. */
  readonly id: string
  /** The names of its tags in other tables. */
  readonly tags: readonly string[]
  readonly now: number
}

export const taskIn = (row: Row, { table, id, tags, now }: Around): Mapped => {
  const { given: all, left } = fieldsIn(row)
  for (const { name } of [table.id, table.title, table.user]) left.delete(name)
  const gone = deletion(left)
  if (gone !== undefined) return { refused: gone }
  const given = all.filter(({ name }) => name !== 'title' && name !== 'description')
  const draft = changeOf(given)
  const { notes, change, kept } = draft
  const field = (name: string) => all.find((one) => one.name === name)
  const { title, description } = texts(row, table, field('description'), notes)
  const dueField = field('due_date')
  const due = dueOf(change, dueField?.column ?? '', draft, dueField?.value)
  const labels = labelsOf([...(change.labels ?? []), ...tags])
  if (labels.unfit.length > 0) {
    const reason = `no names of labels, or more than ${MAX_LABELS}: ${labels.unfit.length} kept in extra`
    notes.push({ column: field('tags')?.column ?? 'tags', reason })
    kept.set('tags', labels.unfit)
  }
  const around = { now, notes }
  const written = writtenIn(left)
  const created = takeInstant(left, times.created, around)
  const updated = takeInstant(left, times.updated, around)
  const completed =
    change.status === 'completed' ? takeInstant(left, times.completed, around) : undefined
  const extra = extraOf(
    [
      ['legacy_id', [['legacy_id', id]]],
      ...Object.entries(change.extra ?? {}).flatMap(([key, text]) =>
        text === null ? [] : [[key, [[key, storable(text).text]]] as [string, [string, string][]]],
      ),
      ...[...kept, ...left].map(
        ([name, value]) => [name, entriesOf(name, value)] as [string, [string, string][]],
      ),
    ],
    notes,
  )
  const { status = taskDefaults.status, priority = taskDefaults.priority } = change
  const parsed = NewTask.safeParse({
    title,
    description,
    status,
    priority,
    due,
    extra,
    labels: labels.fit,
  })
  if (!parsed.success) return { refused: parsed.error.issues[0]?.message ?? 'it does not fit' }
  const { id: _, project_id: __, parent_id: ___, ...task } = parsed.data
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  const latest = updated === undefined ? undefined : Math.max(updated, created ?? 0)
  return {
    task: {
      ...task,
      created_at: iso(created),
      updated_at: iso(latest),
      completed_at: iso(completed),
    },
    written,
    notes,
  }
}
