// What an event says of the fields of a thing that has changed.
import type { FieldChange, FieldChanges } from './event-types.ts'
import { isSameField } from './patch.ts'

/** Is a field recorded with its values, by its name alone, or not at all? */
export type Recorded = 'values' | 'name' | 'none'
export type RecordedFields<T> = readonly (readonly [keyof T & string, Recorded])[]

/** A value that is longer as JSON is not recorded: only that the field has changed. */
const MAX_VALUE = 500

const isSmall = (given: unknown): boolean => {
  if (typeof given === 'string') return given.length <= MAX_VALUE
  return typeof given !== 'object' || given === null || JSON.stringify(given).length <= MAX_VALUE
}

/** By the fields of a patch's schema, each with its values, but those in `named`. */
export const fieldsOf = <T extends object>(
  schema: { readonly shape: Record<keyof T, unknown> },
  named: readonly (keyof T)[] = [],
): RecordedFields<T> =>
  (Object.keys(schema.shape) as (keyof T & string)[]).map(
    (field) => [field, named.includes(field) ? 'name' : 'values'] as const,
  )

/** What differs between two states of a thing. */
export const changesBetween = <T extends object>(
  fields: RecordedFields<T>,
  before: T,
  after: T,
): FieldChanges => {
  const changes: Record<string, FieldChange> = {}
  for (const [field, recorded] of fields) {
    const [was, is] = [before[field], after[field]]
    if (recorded === 'none' || isSameField(was, is)) continue
    changes[field] =
      recorded === 'values' && isSmall(was) && isSmall(is) ? { old: was, new: is } : {}
  }
  return changes
}

/** What is said of a new thing: its fields that are neither empty nor what `defaults` says. */
export const changesOfNew = <T extends object>(
  fields: RecordedFields<T>,
  made: T,
  defaults: Partial<T> = {},
): FieldChanges => {
  const changes: Record<string, FieldChange> = {}
  for (const [field, recorded] of fields) {
    const is = made[field]
    if (recorded === 'none' || is === defaults[field] || isEmpty(is)) continue
    changes[field] = recorded === 'values' && isSmall(is) ? { new: is } : {}
  }
  return changes
}

const isEmpty = (given: unknown): boolean => {
  if (typeof given !== 'object' || given === null) return given === null || given === ''
  return Object.keys(given).length === 0
}
