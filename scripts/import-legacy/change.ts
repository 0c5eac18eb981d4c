// The fields of a row by the table of the original contract, which reads requests with it.
import { DomainError } from '../../src/core/errors.ts'
import { type Change, changeIn, fieldNames } from '../../src/http/legacy/fields.ts'
import { HttpProblem } from '../../src/http/problem.ts'
import { keyOf } from './layout.ts'
import { flagOf, timeText } from './values.ts'

/** The values of a row by the names of its columns. */
export type Row = ReadonlyMap<string, unknown>
/** What became of a value that is not taken as it is. */
export type Note = { readonly column: string; readonly reason: string }

export const KEPT = 'kept in extra as it is'
const messageOf = (error: unknown): string => {
  if (error instanceof HttpProblem) return error.message
  if (error instanceof DomainError) return error.faults?.[0]?.detail ?? error.message
  throw error
}

/** A field by its name in the contract, and the column that it is read from. */
export type Given = { readonly name: string; readonly column: string; readonly value: unknown }

/** Each field that the row has a value for, and the columns that are left. */
export const fieldsIn = (
  row: Row,
): { readonly given: Given[]; readonly left: Map<string, unknown> } => {
  const left = new Map([...row].filter(([, value]) => value !== null && value !== ''))
  const byKey = new Map([...left.keys()].map((column) => [keyOf(column), column]))
  const given = fieldNames.flatMap((names): Given[] => {
    const column = names.map((name) => byKey.get(keyOf(name))).find((name) => name !== undefined)
    if (column === undefined) return []
    const value = left.get(column)
    left.delete(column)
    return [{ name: names[0] as string, column, value }]
  })
  return { given, left }
}

/** A value in the form in which requests have it. */
const prepared = (name: string, value: unknown): unknown => {
  if (name === 'completed') return flagOf(value) ?? value
  if (name === 'due_date') return timeText(value) ?? value
  return name === 'tags' ? tagsIn(value) : value
}

/** A list, however it is written: JSON, an array of Postgres, or with commas. */
const tagsIn = (value: unknown): unknown => {
  if (typeof value !== 'string') return Array.isArray(value) ? value.map(tagOf) : value
  const text = value.trim()
  const list = /^\{.*\}$/s.test(text) && !text.includes(':') ? `[${text.slice(1, -1)}]` : text
  if (!/^\[.*\]$/s.test(list)) return text
  try {
    return tagsIn(JSON.parse(list))
  } catch {
    return list
      .slice(1, -1)
      .split(',')
      .map((tag) => tag.trim().replace(/^(["'])(.*)\1$/, '$2'))
  }
}
const tagOf = (tag: unknown): unknown => (typeof tag === 'number' ? String(tag) : tag)

/** What becomes of a row's fields, one after the other. */
export type Draft = { change: Change; readonly notes: Note[]; readonly kept: Map<string, unknown> }

const merge = (draft: Draft, change: Change): void => {
  const extra = { ...draft.change.extra, ...change.extra }
  draft.change = { ...draft.change, ...change, extra }
}
/** Takes a value by the table of fields; what means nothing is kept as it is. */
const take = (draft: Draft, { name, column, value }: Given): void => {
  try {
    merge(draft, changeIn({ [name]: prepared(name, value) }))
  } catch (error) {
    draft.notes.push({ column, reason: `${messageOf(error)} ${upper(KEPT)}.` })
    draft.kept.set(name, value)
  }
}
export const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** Where the two contradict each other, the task is done: one was set when it was completed. */
const takeStatus = (draft: Draft, status: Given | undefined, flag: Given | undefined): void => {
  const completed = flag && flagOf(flag.value)
  if (status && completed !== undefined)
    try {
      merge(draft, changeIn({ status: status.value, completed }))
      return
    } catch (error) {
      if (error instanceof DomainError) {
        draft.notes.push({
          column: flag?.column ?? '',
          reason: `${status.column} and ${flag?.column} contradict each other: the task is taken as completed`,
        })
        merge(draft, changeIn(completed ? { completed } : { status: status.value }))
        return
      }
    }
  if (status) take(draft, status)
  if (flag && draft.change.status === undefined) take(draft, flag)
}

/** The whole of a row at once, as nearly all of them can be taken; undefined where one cannot. */
const atOnce = (given: readonly Given[]): Change | undefined => {
  try {
    return changeIn(
      Object.fromEntries(given.map(({ name, value }) => [name, prepared(name, value)])),
    )
  } catch (error) {
    messageOf(error)
    return undefined
  }
}

/** The fields of a row as a request would change them, and what of them is kept as it is. */
export const changeOf = (given: readonly Given[]): Draft => {
  const draft: Draft = { change: {}, notes: [], kept: new Map() }
  const whole = atOnce(given)
  if (whole) return { ...draft, change: whole }
  const named = (name: string) => given.find((field) => field.name === name)
  takeStatus(draft, named('status'), named('completed'))
  for (const field of given)
    if (field.name !== 'status' && field.name !== 'completed') take(draft, field)
  return draft
}
