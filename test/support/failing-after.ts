// A database that fails from some call on, as one that is closed does.
import type { Database } from '../../src/db/database.ts'

type Act<A extends unknown[], T> = (...args: A) => Promise<T>

/**
 * A view of the database that answers so many reads and batches, of all together. What is asked
 * behind them gets what `fail` does. `calls` is how many there were.
 */
export const failingAfter = (answered: number, db: Database, fail: () => Promise<never>) => {
  let calls = 0
  const cut =
    <A extends unknown[], T>(act: Act<A, T>): Act<A, T> =>
    async (...args) =>
      calls++ < answered ? act(...args) : fail()
  const view: Database = {
    ...db,
    viewOf: db,
    one: cut(db.one.bind(db)) as Database['one'],
    all: cut(db.all.bind(db)) as Database['all'],
    atomic: cut(db.atomic.bind(db)),
  }
  return { db: view, calls: () => calls }
}
