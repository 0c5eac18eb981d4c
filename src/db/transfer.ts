// Copies everything from one database into another, also of another dialect.

import type { Database } from './database.ts'
import { sha256Of, sumOf, type TableSum, totalOf } from './transfer/checksum.ts'
import { clearMark, isUnfinishedCopy, markOf, setMark } from './transfer/mark.ts'
import { countRows, insertsFor, lastRow, pages } from './transfer/pages.ts'
import { type TableName, tableNames } from './transfer/tables.ts'

/**
 * Rows that are done, of all rows. First they are written to the target, then read back from it.
 */
export type Progress = {
  readonly phase: 'copy' | 'verify'
  readonly table: TableName
  readonly done: number
  readonly total: number
}

export type CopyOptions = {
  /** Rows read at a time, and written in one transaction. */
  readonly batch?: number
  /** Called after every batch. If it throws, copying stops there. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * The result of a verified copy: the rows and the checksum of each table, and the checksum of all.
 */
export type Copied = {
  readonly tables: readonly TableSum[]
  readonly rows: number
  readonly sha256: string
}

/** These two databases cannot be copied. Nothing has been written. */
export class CopyRefused extends Error {}
/** The target differs from the source. It stays marked as unfinished. */
export class CopyMismatch extends Error {}

const BATCH = 500
const START_AGAIN = 'empty the target and copy again'

/**
 * Copies every row of `from` into `to`, and verifies the count and the checksum of each table. Both
 * have to be migrated by this version. `to` must be empty, or have a part of an interrupted copy of
 * the same unchanged source, which is then continued. Until it is verified, `to` is marked
 * (`isUnfinishedCopy`). Throws CopyRefused, CopyMismatch, and the errors of the databases.
 */
export const copyDatabase = async (
  from: Database,
  to: Database,
  { batch = BATCH, onProgress = () => {} }: CopyOptions = {},
): Promise<Copied> => {
  const { rows: total, fingerprint, begun } = await planCopy(from, to)
  if (!begun) await setMark(to, fingerprint)
  let done = sumUp(await countRows(to))
  for (const table of tableNames) {
    // Pages are written whole, in the order of the key. So everything after the greatest key in the
    // target is missing.
    for await (const rows of pages(from, table, batch, await lastRow(to, table))) {
      await to.atomic(insertsFor(to, table, rows))
      done += rows.length
      onProgress({ phase: 'copy', table, done, total })
    }
  }
  const tables = await verify(from, to, batch, (table, read) =>
    onProgress({ phase: 'verify', table, done: read, total }),
  )
  await clearMark(to)
  return {
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    sha256: await totalOf(tables),
  }
}

type CopyPlan = {
  /** Of the source, and those that the target has already. */
  readonly rows: number
  readonly copied: number
  readonly fingerprint: string
  /** Whether the target has the mark of an earlier copy of this source. */
  readonly begun: boolean
}

/**
 * What there is to copy. Writes nothing. `to` is undefined if it has no tables yet. Throws
 * CopyRefused.
 */
export const planCopy = async (from: Database, to: Database | undefined): Promise<CopyPlan> => {
  if (await isUnfinishedCopy(from))
    throw new CopyRefused('the source is itself an unfinished copy: finish that one first')
  const source = await countRows(from)
  const fingerprint = await fingerprintOf(from, source)
  const plan = { rows: sumUp(source), fingerprint }
  if (to === undefined) return { ...plan, copied: 0, begun: false }
  const mark = await markOf(to)
  if (mark !== undefined && mark !== fingerprint)
    throw new CopyRefused(
      `the target holds an unfinished copy of another database, or of this one before it changed: ${START_AGAIN}`,
    )
  const target = await countRows(to)
  const filled = [...target].filter(([, rows]) => rows > 0)
  if (mark === undefined && filled.length > 0)
    throw new CopyRefused(
      `the target is not empty (${filled.map(([table, rows]) => `${table}: ${rows}`).join(', ')}): name an empty one`,
    )
  return { ...plan, copied: sumUp(target), begun: mark !== undefined }
}

/**
 * Differs between sources, and when a source changes: every write of a user's things advances a
 * number of the user.
 */
const fingerprintOf = async (
  db: Database,
  counts: ReadonlyMap<TableName, number>,
): Promise<string> => {
  const sums = [await sumOf(db, 'settings', BATCH), await sumOf(db, 'users', BATCH)]
  return sha256Of(JSON.stringify([sums, [...counts]]))
}

const verify = async (
  from: Database,
  to: Database,
  batch: number,
  onRead: (table: TableName, rows: number) => void,
) => {
  const sums: TableSum[] = []
  let read = 0
  for (const table of tableNames) {
    const [theirs, ours] = await Promise.all([
      sumOf(from, table, batch),
      sumOf(to, table, batch, (rows) => {
        read += rows
        onRead(table, read)
      }),
    ])
    if (theirs.rows !== ours.rows)
      throw new CopyMismatch(
        `${table} has ${theirs.rows} rows in the source and ${ours.rows} in the target: ${START_AGAIN}`,
      )
    if (theirs.sha256 !== ours.sha256)
      throw new CopyMismatch(`${table} differs between source and target: ${START_AGAIN}`)
    sums.push(ours)
  }
  return sums
}

const sumUp = (counts: ReadonlyMap<TableName, number>): number =>
  [...counts.values()].reduce((sum, rows) => sum + rows, 0)
