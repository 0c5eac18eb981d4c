// Fields of our own export, read with care: a file may have been changed.
import type { Item, Note } from '../row.ts'
import { note, shown } from '../values.ts'

export type Fields = Readonly<Record<string, unknown>>
export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
export const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null)
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

/** Undefined where nothing can become of it. */
export type Maker = (fields: Fields, notes: Note[]) => Item | undefined

/** The value of a field as its schema has it; what does not fit is left out, and noted. */
export const fitted = <T>(
  schema: { safeParse(given: unknown): { success: boolean; data?: T | undefined } },
  fields: Fields,
  name: string,
  notes: Note[],
): T | undefined => {
  const given = fields[name]
  if (given === undefined || given === null) return undefined
  const { success, data } = schema.safeParse(given)
  if (success) return data
  notes.push(note('invalid', name, `${shown(JSON.stringify(given))} does not fit.`))
  return undefined
}

export const countIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
