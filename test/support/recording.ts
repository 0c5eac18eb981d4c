import type { Database } from '../../src/db/database.ts'
import type { Query, Values } from '../../src/db/statement.ts'

/** `long`: it may take long. */
export type Read = { readonly text: string; readonly params: unknown[]; readonly long: boolean }
export type Recording = { readonly reads: Read[]; batches: string[][] }

/** A database that notes every statement that it is asked to run. */
export const recorded = (db: Database): { db: Database; take(): Recording } => {
  let recording: Recording = { reads: [], batches: [] }
  const note = <T>(query: Query<T>, values: Values = {}, long = false) =>
    recording.reads.push({ text: query.text, params: query.bind(values), long })
  return {
    db: {
      ...db,
      one: (query, values) => {
        note(query, values)
        return db.one(query, values)
      },
      all: (query, values, long) => {
        note(query, values, long !== undefined)
        return db.all(query, values, long)
      },
      atomic: (writes, options) => {
        recording.batches.push(writes.map(({ statement }) => statement.text))
        return db.atomic(writes, options)
      },
    },
    take: () => {
      const taken = recording
      recording = { reads: [], batches: [] }
      return taken
    },
  }
}
