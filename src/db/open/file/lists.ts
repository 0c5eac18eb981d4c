// Queries of lists answer their rows as one JSON text.
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
    if (!/^(select|with)\b/i.test(text))
      return (values: readonly unknown[]): ListedRows => plain.all(values)
    const whole = connection.prepare(asOneText(text, plain.columns().length)).raw(true)
    return (values: readonly unknown[]): ListedRows => (whole.get(values) as [string])[0]
  })

/**
 * The same query with all its rows as one JSON text. To hand over and parse a text takes half the
 * time of handing over a thousand cells. SQLite keeps the order of a subquery for an aggregate that
 * depends on the order.
 */
const asOneText = (query: string, columns: number): string => {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`).join(', ')
  return `with list (${names}) as (${query}) select json_group_array(json_array(${names})) from list`
}
