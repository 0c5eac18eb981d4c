// Drizzle builds SQL. These functions compile it once: the text, how its placeholders are bound,
// and how a row is read.
import { Column, type GetColumnData, is, Param, Placeholder, SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { getTableColumns } from 'drizzle-orm/utils'

/**
 * The values of a statement's placeholders, by name, in the program's types (instants as text,
 * booleans as booleans).
 */
export type Values = Readonly<Record<string, unknown>>

/**
 * One SQL statement. `bind` orders and encodes its values for the driver. It throws if a value is
 * missing.
 */
export type Statement<V extends object = Values> = {
  readonly text: string
  bind(values: V): unknown[]
}
/**
 * A statement that returns rows. Drivers return rows as arrays. `row` decodes an array in place,
 * and makes an object of it.
 */
export type Query<T, V extends object = Values> = Statement<V> & { row(cells: unknown[]): T }
/** A statement with its values. A batch is a list of these. */
export type Write = {
  readonly statement: Statement<never>
  readonly values: object
  /**
   * By how many bytes it changes the size of its user's texts. `core/unit-of-work.ts` adds them up.
   */
  readonly bytes?: number
  /** What has to go on without room for it: its bytes may pass the quota (`core/counters.ts`). */
  readonly beyondQuota?: true
}

export type Built = { toSQL(): { sql: string; params: unknown[] } }
type Selection<T> = Built & PromiseLike<T[]>
type Decoder = { mapFromDriverValue(value: unknown): unknown }

/**
 * A placeholder that encodes its value as `column` does. A bare `sql.placeholder` in a condition
 * would not encode it.
 */
export const value = (column: AnyMySqlColumn, name: string): SQL =>
  sql`${sql.param(sql.placeholder(name), column)}`

/** A placeholder without an encoder, for values that every driver accepts (text, integers). */
export const plain = (name: string): SQL => sql`${sql.placeholder(name)}`

export const compile = <V extends object = Values>(built: Built): Statement<V> => {
  const { sql: text, params } = built.toSQL()
  const slots = params.map(slotOf)
  const bind = (values: V) =>
    slots.map((slot) => {
      if (slot.name === undefined) return slot.value
      const given = (values as Values)[slot.name]
      if (given === undefined) throw new Error(`no value for ${slot.name} in: ${text}`)
      return given === null || slot.encode === undefined ? given : slot.encode(given)
    })
  return { text, bind }
}

/** A query whose rows are objects of the selected fields. */
export const query = <T, V extends object = Values>(built: Selection<T>): Query<T, V> =>
  queryOf<unknown[], T, V>(built, recordOf(Object.keys(selectedFields(built))))

/** Makes an object with these names of the cells. */
const recordOf =
  <T>(names: readonly string[]) =>
  (...cells: unknown[]): T => {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) row[names[i] as string] = cells[i] ?? null
    return row as T
  }

/** The cells of a row that selects these fields. */
export type CellsOf<Fields extends readonly unknown[]> = {
  -readonly [I in keyof Fields]: Fields[I] extends Column
    ? GetColumnData<Fields[I]>
    : Fields[I] extends SQL.Aliased<infer T>
      ? T
      : never
}

/**
 * A query whose rows `make` makes of their cells. The cells are decoded, and in the order of the
 * selected fields.
 */
export const queryOf = <Cells extends unknown[], T, V extends object = Values>(
  built: Built,
  make: (...cells: Cells) => T,
): Query<T, V> => {
  const decoders = Object.values(selectedFields(built)).flatMap((field, at) => {
    const decode = decoderOf(field)
    return decode === undefined ? [] : [{ at, decode }]
  })
  const row = (cells: unknown[]) => {
    for (const { at, decode } of decoders) {
      const given = cells[at]
      if (given !== null && given !== undefined) cells[at] = decode(given)
    }
    return make(...(cells as Cells))
  }
  return { ...compile<V>(built), row }
}

/**
 * A statement in plain SQL, for what no builder can express. Its rows are objects of these columns,
 * and are not decoded.
 */
export const rawQuery = <T>(text: string, columns: readonly string[]): Query<T> => {
  const record = recordOf<T>(columns)
  return { text, bind: () => [], row: (cells) => record(...cells) }
}

export const write = <V extends object>(statement: Statement<V>, values: V, bytes = 0): Write => ({
  statement: statement as Statement<never>,
  values,
  bytes,
})

/**
 * A placeholder for every column of `table`, under the column's name in the program: the values of
 * an insert of whole rows.
 */
export const everyColumn = <T extends AnyMySqlTable>(table: T): T['$inferInsert'] =>
  placeholders(Object.keys(getTableColumns(table)))

/**
 * Placeholders for these columns: the values of an insert, or the `set` of an update. Drizzle adds
 * the encoders.
 */
export const placeholders = <T extends object>(names: readonly string[]): T =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as T

type Slot =
  | { name: string; encode: ((value: unknown) => unknown) | undefined }
  | { name: undefined; value: unknown }

const slotOf = (param: unknown): Slot => {
  if (is(param, Placeholder)) return { name: param.name, encode: undefined }
  if (is(param, Param) && is(param.value, Placeholder)) {
    const { encoder } = param
    const identity = encoder.mapToDriverValue === Column.prototype.mapToDriverValue
    return {
      name: param.value.name as string,
      encode: identity ? undefined : (given) => encoder.mapToDriverValue(given),
    }
  }
  return { name: undefined, value: param }
}

/** Drizzle keeps the fields of a select on the builder, but has no public type for them. */
const selectedFields = (built: unknown): Record<string, unknown> =>
  (built as { _: { selectedFields: Record<string, unknown> } })._.selectedFields

const decoderOf = (field: unknown): ((value: unknown) => unknown) | undefined => {
  const decoder = is(field, Column)
    ? field
    : decoderOfSql(is(field, SQL.Aliased) ? field.sql : field)
  const identity =
    decoder.mapFromDriverValue === Column.prototype.mapFromDriverValue ||
    decoder.mapFromDriverValue.length === 0
  return identity ? undefined : (given) => decoder.mapFromDriverValue(given)
}
const decoderOfSql = (field: unknown): Decoder => (field as { decoder: Decoder }).decoder

// A list of values has as many placeholders as the next power of two, so that few statements serve
// all lengths.

/** Values that one list has at most: D1 takes 100 values a statement. */
export const LISTED = 64

/** How many placeholders a list of `count` values gets. */
export const slotsFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, count)))
/** The placeholders of a list: `name0, name1, …`. */
export const listOf = (column: AnyMySqlColumn, name: string, slots: number): SQL =>
  sql`(${sql.join(
    Array.from({ length: slots }, (_, i) => value(column, `${name}${i}`)),
    sql`, `,
  )})`
const kept = <A, T>(keyOf: (given: A) => unknown, make: (given: A) => T): ((given: A) => T) => {
  const made = new Map<unknown, T>()
  return (given) => {
    const key = keyOf(given)
    const found = made.get(key) ?? make(given)
    made.set(key, found)
    return found
  }
}

/** Keeps what `make` makes for a number of placeholders. */
export const perSlots = <T>(make: (slots: number) => T): ((slots: number) => T) =>
  kept((slots) => slots, make)

/** Keeps what `make` makes for a list of names, such as the columns that an update sets. */
export const perNames = <N extends string, T>(
  make: (names: readonly N[]) => T,
): ((names: readonly N[]) => T) => kept((names) => names.join(' '), make)

/** The values of a list's placeholders. The last value fills those that are left. */
export const fillList = (name: string, given: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: slotsFor(given.length) }, (_, i) => [
      `${name}${i}`,
      given[Math.min(i, given.length - 1)],
    ]),
  )
