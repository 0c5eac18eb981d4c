// A connection to a database file through the `libsql` package, as it comes.
import Libsql from 'libsql'

/** The part of the package's API that is relied on; its own types are better-sqlite3's. */
type Prepared = {
  raw(on: boolean): Prepared
  columns(): readonly unknown[]
  get(values: readonly unknown[]): unknown[] | undefined
  all(values: readonly unknown[]): unknown[][]
  run(values: readonly unknown[]): { changes: number }
}
export type Connection = {
  prepare(sql: string): Prepared
  exec(sql: string): void
  readonly inTransaction: boolean
  close(): void
}

/** Throws what libSQL throws. */
export const openConnection = (path: string): Connection =>
  new Libsql(path, { timeout: 5_000 } as never) as unknown as Connection

/** Reads the number that a pragma has, anew at each call. */
export const pragmaOf = (connection: Connection, name: string): (() => number) => {
  const prepared = connection.prepare(`pragma ${name}`).raw(true)
  return () => Number(prepared.get([])?.[0])
}
