// Lists, and single rows of many cells, come as one JSON text: to hand over and parse a text takes
// less time than to hand over each cell. SQLite keeps the order of a subquery for an aggregate that
// depends on the order.
import type { Connection } from './connection.ts'
import { cachedByText } from './statement-cache.ts'

/** Rows as they come, or as one JSON text: an array of arrays. */
export type ListedRows = unknown[][] | string

export const rowsOf = (listed: ListedRows): unknown[][] =>
  typeof listed === 'string' ? JSON.parse(listed) : listed

/** Runs the queries of lists on `connection`. */
export const listerOf = (connection: Pick<Connection, 'prepare'>) =>
  cachedByText((text) => {
    const plain = connection.prepare(text).raw(true)
    if (!isQuery(text)) return (values: readonly unknown[]): ListedRows => plain.all(values)
    const names = namesOf(plain.columns().length)
    const whole = `with list (${names}) as (${text}) select json_group_array(json_array(${names})) from list`
    const reader = connection.prepare(whole).raw(true)
    return (values: readonly unknown[]): ListedRows => (reader.get(values) as [string])[0]
  })

/** Rows of fewer cells are handed over cell by cell. */
const MANY_CELLS = 16

/** Runs the queries of single rows on `connection`. */
export const finderOf = (connection: Pick<Connection, 'prepare'>) =>
  cachedByText((text) => {
    const plain = connection.prepare(text).raw(true)
    const cells = plain.columns().length
    if (cells < MANY_CELLS || !isQuery(text))
      return (values: readonly unknown[]): unknown[] | undefined => plain.get(values)
    const names = namesOf(cells)
    const whole = `with found (${names}) as (${text}) select json_array(${names}) from found`
    const reader = connection.prepare(whole).raw(true)
    return (values: readonly unknown[]): unknown[] | undefined => {
      const found = reader.get(values) as [string] | undefined
      return found && JSON.parse(found[0])
    }
  })

const isQuery = (text: string): boolean => /^(select|with)\b/i.test(text)
const namesOf = (columns: number): string =>
  Array.from({ length: columns }, (_, i) => `c${i}`).join(', ')
