// The pieces of the files of imports, what was read of them, and the lines of the reports.
import { asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import type { Ctx } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { ofAccount } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { bySize, inMany, type Many } from '../../db/many-rows.ts'
import { insertOrReplace } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  LISTED,
  listOf,
  perSlots,
  placeholders,
  query,
  type Statement,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Item, Note } from './row.ts'
import type { Counts, ImportNote } from './schemas.ts'

/** Rows of one statement: one of these tables has six values at most. */
const SIZES = [1, 2, 4, 8, 16]

export type StoredRow = {
  readonly number: number
  readonly level: number
  readonly parent: number
  readonly data: { readonly row: number; readonly title: string; readonly item: Item }
}

type Cells = Omit<StoredRow, 'data'> & { readonly data: string }

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { importPieces, importRows, importNotes } = t
  type Table = typeof importPieces | typeof importRows | typeof importNotes
  const ofImport = (table: Table, ...further: Parameters<typeof ofAccount>[1][]) =>
    ofAccount(table.userId, eq(table.importId, value(table.importId, 'id')), ...further)
  const numbered = (table: Table) => eq(table.number, value(table.number, 'number'))
  const cells = {
    number: importRows.number,
    level: importRows.level,
    parent: importRows.parent,
    data: importRows.data,
  }
  const rows = () => q.select(cells).from(importRows)
  const level = value(importRows.level, 'level')
  const page = (...which: SQL[]) =>
    query<Cells>(
      rows()
        .where(ofImport(importRows, ...which))
        .orderBy(asc(importRows.level), asc(importRows.number))
        .limit(sql.placeholder('limit')),
    )
  const inList = (column: AnyMySqlColumn, slots: number) =>
    sql`${column} in ${listOf(importRows.number, 'n', slots)}`
  const replace = (
    table: Table,
    columns: Record<string, AnyMySqlColumn>,
    size = 1,
  ): Statement<Many> => {
    const one = compile(q.insert(table).values(everyColumn(table)))
    const all = q.insert(table).values(Array.from({ length: size }, () => everyColumn(table)))
    const on = [table.userId, table.importId, table.number]
    const { text } = compile(insertOrReplace(dialect, all, on, columns))
    return { text, bind: ({ rows }) => rows.flatMap((row) => one.bind(row)) } // row by row
  }
  const removal = (table: Table, atOnce: number) => ({
    least: query<{ number: number }>(
      q
        .select({ number: table.number })
        .from(table)
        .where(ofImport(table))
        .orderBy(asc(table.number))
        .limit(sql.raw('1') as never),
    ),
    remove: compile(
      q.delete(table).where(ofImport(table, lte(table.number, value(table.number, 'upTo')))),
    ),
    atOnce,
  })
  return {
    piece: query<{ text: string }>(
      q
        .select({ text: importPieces.text })
        .from(importPieces)
        .where(ofImport(importPieces, numbered(importPieces))),
    ),
    // Two statements, because a condition on both reads a level from its beginning each time.
    rowsOfLevel: page(
      eq(importRows.level, level),
      gt(importRows.number, value(importRows.number, 'after')),
    ),
    rowsBelow: page(
      gt(importRows.level, level),
      lte(importRows.level, value(importRows.level, 'deepest')),
    ),
    rowsNumbered: perSlots((slots) =>
      query<Cells>(rows().where(ofImport(importRows, inList(importRows.number, slots)))),
    ),
    place: compile(
      q
        .update(importRows)
        .set(placeholders(['level', 'parent']))
        .where(ofImport(importRows, numbered(importRows))),
    ),
    notes: query<{ number: number; data: string }>(
      q
        .select({ number: importNotes.number, data: importNotes.data })
        .from(importNotes)
        .where(ofImport(importNotes, gt(importNotes.number, value(importNotes.number, 'after'))))
        .orderBy(asc(importNotes.number))
        .limit(sql.placeholder('limit')),
    ),
    putPiece: replace(importPieces, { text: importPieces.text }),
    putRows: bySize(SIZES, (size) => {
      const { level, parent, data } = importRows
      return replace(importRows, { level, parent, data }, size)
    }),
    putNotes: bySize(SIZES, (size) => replace(importNotes, { data: importNotes.data }, size)),
    // About a megabyte of text at once.
    working: [removal(importPieces, 16), removal(importRows, 500)],
    report: removal(importNotes, 500),
  }
})

const of = (ctx: Ctx, id: string) => ({ reader: readerIdOf(ctx), id })

export const pieceAt = async (ctx: Ctx, id: string, number: number): Promise<string | undefined> =>
  (await ctx.db.one(statements(ctx.db).piece, { ...of(ctx, id), number }))?.text

const numbered = (ctx: Ctx, importId: string, number: number) => ({
  userId: readerIdOf(ctx),
  importId,
  number,
})
export const putPiece = (ctx: Ctx, id: string, number: number, text: string): Write =>
  write(statements(ctx.db).putPiece, { rows: [{ ...numbered(ctx, id, number), text }] })
export const putRows = (ctx: Ctx, id: string, rows: readonly StoredRow[]): Write[] =>
  inMany(
    statements(ctx.db).putRows,
    rows.map(({ number, level, parent, data }) => ({
      ...numbered(ctx, id, number),
      level,
      parent,
      data: JSON.stringify(data),
    })),
  )
/** Gives a row its place among the others. */
export const placeRow = (
  ctx: Ctx,
  id: string,
  row: { readonly number: number; readonly level: number; readonly parent: number },
): Write => write(statements(ctx.db).place, { ...of(ctx, id), ...row })

/** Lines that a report has at most. */
const MOST_NOTES = 10_000
type About = { readonly row: number; readonly title: string }
/** The writes of these lines behind those that there are, and the counts then. */
export const putNotes = (
  ctx: Ctx,
  id: string,
  counts: Counts,
  lines: readonly (readonly [About, Note])[],
): { writes: Write[]; counts: Counts } => {
  const room = Math.max(0, MOST_NOTES - counts.notes)
  const kept = lines.slice(0, room).map(([{ row, title }, line], at) => {
    const data: ImportNote = { row, title, ...line }
    return { ...numbered(ctx, id, counts.notes + at), data: JSON.stringify(data) }
  })
  const left = lines.length - kept.length
  const notes = { notes: counts.notes + kept.length, notes_left_off: counts.notes_left_off + left }
  const writes = inMany(statements(ctx.db).putNotes, kept)
  return { writes, counts: { ...counts, ...notes } }
}

const storedRow = ({ data, ...row }: Cells): StoredRow => ({
  ...row,
  data: JSON.parse(data) as StoredRow['data'],
})
/** Rows of one level, from behind a place in the order of levels, down to the level `deepest`. */
export const rowsBehind = async (
  ctx: Ctx,
  id: string,
  { level, number }: { readonly level: number; readonly number: number },
  { limit, deepest }: { readonly limit: number; readonly deepest: number },
): Promise<StoredRow[]> => {
  const { rowsOfLevel, rowsBelow } = statements(ctx.db)
  const values = { ...of(ctx, id), level, limit }
  const same = await ctx.db.all(rowsOfLevel, { ...values, after: number })
  if (same.length > 0) return same.map(storedRow)
  const next = (await ctx.db.all(rowsBelow, { ...values, deepest })).map(storedRow)
  return next.filter((row) => row.level === next[0]?.level)
}

export const rowsNumbered = async (
  ctx: Ctx,
  id: string,
  numbers: readonly number[],
): Promise<StoredRow[]> => {
  const found: StoredRow[] = []
  for (const some of slices([...new Set(numbers)], LISTED))
    found.push(
      ...(
        await ctx.db.all(statements(ctx.db).rowsNumbered(slotsFor(some.length)), {
          ...of(ctx, id),
          ...fillList('n', some),
        })
      ).map(storedRow),
    )
  return found
}
/** Lines of the report behind the number `behind`. */
export const notesOf = async (ctx: Ctx, id: string, limit: number, behind: number) =>
  (await ctx.db.all(statements(ctx.db).notes, { ...of(ctx, id), limit, after: behind })).map(
    ({ number, data }) => ({ number, note: JSON.parse(data) as ImportNote }),
  )

/**
 * The write that deletes some of what an import no longer needs; undefined where there is nothing
 * left. `all`: also its report.
 */
export const removeSome = async (
  ctx: Ctx,
  id: string,
  { all }: { readonly all: boolean },
): Promise<Write | undefined> => {
  const { working, report } = statements(ctx.db)
  for (const { least, remove, atOnce } of all ? [...working, report] : working) {
    const first = await ctx.db.one(least, of(ctx, id))
    if (first) return write(remove, { ...of(ctx, id), upTo: first.number + atOnce - 1 })
  }
  return undefined
}
