// The rows of imports: the import itself, the pieces of its file, what was read of them, and the
// lines of its report.
import { and, asc, desc, eq, gt, lt, lte, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { type Ctx, now } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { insertOrReplace, literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  placeholders,
  query,
  type Statement,
  slotsFor,
  type Values,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Format } from './formats/index.ts'
import type { Item, Note } from './row.ts'
import type { Counts, ImportNote, ImportStatus } from './schemas.ts'

/** How far an import is. */
export type State = {
  readonly pieces: number
  readonly bytes: number
  /** Bytes that were not UTF-8. */
  readonly foreign: number
  /** Pieces that were read, or rows that were written, of so many. */
  readonly done: number
  readonly total: number
  /** The last row that was written, in the order of their levels. */
  readonly after: { readonly level: number; readonly number: number } | null
  /** Rows that are written one by one, because together they were too much. */
  readonly single: number
}
export const begun: State = {
  pieces: 0,
  bytes: 0,
  foreign: 0,
  done: 0,
  total: 0,
  after: null,
  single: 0,
}

export type Job = {
  readonly id: string
  readonly status: ImportStatus
  readonly format: Format
  readonly dryRun: boolean
  readonly project: string
  readonly open: boolean
  readonly step: number
  readonly state: State
  readonly counts: Counts
  readonly error: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly finishedAt: string | null
}

export type StoredRow = {
  readonly number: number
  readonly level: number
  readonly parent: number
  readonly data: { readonly row: number; readonly title: string; readonly item: Item }
}

/** A column whose values are of a narrower type. */
type Typed<C, T> = C & { readonly _: { readonly data: T } }

const numberedRows = ({
  importId,
  number,
}: {
  importId: AnyMySqlColumn
  number: AnyMySqlColumn
}) => ({
  ofImport: eq(importId, value(importId, 'id')),
  behind: gt(number, value(number, 'after')),
})

type Many = { readonly rows: readonly Values[] }
/** Rows of one statement: D1 takes 100 values, and a row of these tables has six at most. */
const sizes = [1, 2, 4, 8, 16]
/** The writes of all rows, in as few statements as there can be. */
const inMany = (statements: readonly Statement<Many>[], rows: readonly Values[]): Write[] => {
  const writes: Write[] = []
  for (let at = 0; at < rows.length; ) {
    const nth = sizes.findLastIndex((size) => size <= rows.length - at)
    const some = rows.slice(at, at + (sizes[nth] ?? 1))
    writes.push(write(statements[nth] as Statement<Many>, { rows: some }))
    at += some.length
  }
  return writes
}

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { users, imports, importPieces, importRows, importNotes } = t
  const shape = {
    id: imports.id,
    status: imports.status as Typed<typeof imports.status, ImportStatus>,
    format: imports.format as Typed<typeof imports.format, Format>,
    dryRun: imports.dryRun,
    project: imports.project,
    open: imports.open,
    step: imports.step,
    state: imports.state as Typed<typeof imports.state, State>,
    counts: imports.counts as Typed<typeof imports.counts, Counts>,
    error: imports.error,
    createdAt: imports.createdAt,
    updatedAt: imports.updatedAt,
    finishedAt: imports.finishedAt,
  }
  const select = () => q.select(shape).from(imports)
  const byId = eq(imports.id, value(imports.id, 'id'))
  const isOpen = eq(imports.open, literal(dialect, true))
  const page = (behind: boolean) =>
    query<Job>(
      select()
        .where(
          ofAccount(
            imports.userId,
            behind ? lt(imports.id, value(imports.id, 'before')) : undefined,
          ),
        )
        .orderBy(desc(imports.id))
        .limit(sql.placeholder('limit')),
    )
  const rows = numberedRows(importRows)
  const ofLevel = and(
    sql`${importRows.level} >= ${value(importRows.level, 'level')}`,
    sql`(${importRows.level} > ${value(importRows.level, 'level')} or ${importRows.number} > ${value(importRows.number, 'after')})`,
    lte(importRows.level, value(importRows.level, 'deepest')),
  )
  const row = {
    number: importRows.number,
    level: importRows.level,
    parent: importRows.parent,
    data: importRows.data,
  }
  const notes = numberedRows(importNotes)
  const pieces = numberedRows(importPieces)
  const replace = (
    table: typeof importNotes | typeof importPieces | typeof importRows,
    columns: Record<string, AnyMySqlColumn>,
    size = 1,
  ): Statement<Many> => {
    const one = compile(q.insert(table).values(everyColumn(table)))
    const all = q.insert(table).values(Array.from({ length: size }, () => everyColumn(table)))
    const on = [table.userId, table.importId, table.number]
    const { text } = compile(insertOrReplace(dialect, all, on, columns))
    return { text, bind: ({ rows }) => rows.flatMap((row) => one.bind(row)) } // row by row
  }
  const remove = (table: typeof importNotes | typeof importPieces | typeof importRows) =>
    compile(
      q
        .delete(table)
        .where(
          ofAccount(
            table.userId,
            eq(table.importId, value(table.importId, 'id')),
            lte(table.number, value(table.number, 'upTo')),
          ),
        ),
    )
  const least = (table: typeof importNotes | typeof importPieces | typeof importRows) =>
    query<{ number: number }>(
      q
        .select({ number: table.number })
        .from(table)
        .where(ofAccount(table.userId, eq(table.importId, value(table.importId, 'id'))))
        .orderBy(asc(table.number))
        .limit(sql.raw('1') as never),
    )
  return {
    find: query<Job>(select().where(ofAccount(imports.userId, byId))),
    open: query<Job>(select().where(ofAccount(imports.userId, isOpen))),
    first: page(false),
    behind: page(true),
    idle: query<{ userId: string; id: string }>(
      q
        .select({ userId: imports.userId, id: imports.id })
        .from(imports)
        .where(and(isOpen, lt(imports.updatedAt, value(imports.updatedAt, 'before')))),
    ),
    insert: compile(q.insert(imports).values(everyColumn(imports))),
    expectNoneOpen: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${users.id} = ${value(users.id, 'reader')} and not exists (select 1 from ${imports} where ${ofAccount(imports.userId, isOpen)})`,
        ),
    ),
    proceed: compile(
      q
        .update(imports)
        .set(
          placeholders([
            'status',
            'format',
            'project',
            'open',
            'step',
            'state',
            'counts',
            'error',
            'updatedAt',
            'finishedAt',
          ]),
        )
        .where(ofAccount(imports.userId, byId, eq(imports.step, value(imports.step, 'was')))),
    ),
    remove: compile(q.delete(imports).where(ofAccount(imports.userId, byId))),
    piece: query<{ text: string }>(
      q
        .select({ text: importPieces.text })
        .from(importPieces)
        .where(
          ofAccount(
            importPieces.userId,
            pieces.ofImport,
            eq(importPieces.number, value(importPieces.number, 'number')),
          ),
        ),
    ),
    rows: query<Omit<StoredRow, 'data'> & { data: string }>(
      q
        .select(row)
        .from(importRows)
        .where(ofAccount(importRows.userId, rows.ofImport, ofLevel))
        .orderBy(asc(importRows.level), asc(importRows.number))
        .limit(sql.placeholder('limit')),
    ),
    rowsNumbered: perSlots((slots) =>
      query<Omit<StoredRow, 'data'> & { data: string }>(
        q
          .select(row)
          .from(importRows)
          .where(
            ofAccount(
              importRows.userId,
              rows.ofImport,
              sql`${importRows.number} in ${listOf(importRows.number, 'n', slots)}`,
            ),
          ),
      ),
    ),
    rowsBelow: perSlots((slots) =>
      query<Omit<StoredRow, 'data'> & { data: string }>(
        q
          .select(row)
          .from(importRows)
          .where(
            ofAccount(
              importRows.userId,
              rows.ofImport,
              sql`${importRows.level} = ${value(importRows.level, 'level')}`,
              sql`${importRows.parent} in ${listOf(importRows.number, 'n', slots)}`,
            ),
          )
          .orderBy(asc(importRows.number)),
      ),
    ),
    place: compile(
      q
        .update(importRows)
        .set(placeholders(['level', 'parent']))
        .where(
          ofAccount(
            importRows.userId,
            rows.ofImport,
            eq(importRows.number, value(importRows.number, 'number')),
          ),
        ),
    ),
    notes: query<{ number: number; data: string }>(
      q
        .select({ number: importNotes.number, data: importNotes.data })
        .from(importNotes)
        .where(ofAccount(importNotes.userId, notes.ofImport, notes.behind))
        .orderBy(asc(importNotes.number))
        .limit(sql.placeholder('limit')),
    ),
    putPiece: replace(importPieces, { text: importPieces.text }),
    putRows: sizes.map((size) =>
      replace(
        importRows,
        { level: importRows.level, parent: importRows.parent, data: importRows.data },
        size,
      ),
    ),
    putNotes: sizes.map((size) => replace(importNotes, { data: importNotes.data }, size)),
    removes: [
      { least: least(importPieces), remove: remove(importPieces) },
      { least: least(importRows), remove: remove(importRows) },
      { least: least(importNotes), remove: remove(importNotes) },
    ],
  }
})

const of = (ctx: Ctx, id: string) => ({ reader: readerIdOf(ctx), id })

export const findJob = (ctx: Ctx, id: string): Promise<Job | undefined> =>
  ctx.db.one(statements(ctx.db).find, of(ctx, id))
/** The import of the caller that something is left to do of. */
export const openJob = (ctx: Ctx): Promise<Job | undefined> =>
  ctx.db.one(statements(ctx.db).open, { reader: readerIdOf(ctx) })
/** Newest first, those before the id `before`. */
export const pageOfJobs = (ctx: Ctx, limit: number, before: string | undefined): Promise<Job[]> => {
  const { first, behind } = statements(ctx.db)
  const values = { reader: readerIdOf(ctx), limit }
  return before === undefined
    ? ctx.db.all(first, values)
    : ctx.db.all(behind, { ...values, before })
}
/** Those that no process has worked on since `before`. */
export const idleJobs = (
  { db }: Pick<Ctx, 'db'>,
  before: string,
): Promise<{ userId: string; id: string }[]> => db.all(statements(db).idle, { before })

/** Touches no row where the caller has an import that is not over. */
export const expectNoneOpen = (ctx: Ctx): Write =>
  write(statements(ctx.db).expectNoneOpen, { reader: readerIdOf(ctx) })
export const insertJob = (ctx: Ctx, job: Job): Write =>
  write(statements(ctx.db).insert, { ...job, userId: readerIdOf(ctx) })

type Next = Partial<
  Pick<Job, 'status' | 'format' | 'project' | 'open' | 'state' | 'counts' | 'error' | 'finishedAt'>
>
/** The import after its next step. */
export const after = (ctx: Ctx, job: Job, next: Next): Job => ({
  ...job,
  ...next,
  step: job.step + 1,
  updatedAt: now(ctx),
})
/** Touches no row where another process did this step, or the import was cancelled. */
export const proceedTo = (ctx: Ctx, next: Job): Write =>
  write(statements(ctx.db).proceed, { ...next, reader: readerIdOf(ctx), was: next.step - 1 })
export const removeJob = (ctx: Ctx, id: string): Write =>
  write(statements(ctx.db).remove, of(ctx, id))

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
export const MOST_NOTES = 10_000
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

const storedRow = ({ data, ...row }: Omit<StoredRow, 'data'> & { data: string }): StoredRow => ({
  ...row,
  data: JSON.parse(data) as StoredRow['data'],
})
/** Rows in the order of their levels, from behind a place, down to the level `deepest`. */
export const rowsBehind = async (
  ctx: Ctx,
  id: string,
  { level, number }: { readonly level: number; readonly number: number },
  { limit, deepest }: { readonly limit: number; readonly deepest: number },
): Promise<StoredRow[]> =>
  (
    await ctx.db.all(statements(ctx.db).rows, {
      ...of(ctx, id),
      level,
      after: number,
      limit,
      deepest,
    })
  ).map(storedRow)

/** Values in one statement: D1 takes 100. */
const LISTED = 64
const slices = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / LISTED) }, (_, i) =>
    all.slice(i * LISTED, (i + 1) * LISTED),
  )

export const rowsNumbered = async (
  ctx: Ctx,
  id: string,
  numbers: readonly number[],
): Promise<StoredRow[]> => {
  const found: StoredRow[] = []
  for (const some of slices([...new Set(numbers)]))
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
/** The rows of this level that are a part of these. */
export const rowsBelow = async (
  ctx: Ctx,
  id: string,
  level: number,
  numbers: readonly number[],
): Promise<StoredRow[]> => {
  const found: StoredRow[] = []
  for (const some of slices(numbers))
    found.push(
      ...(
        await ctx.db.all(statements(ctx.db).rowsBelow(slotsFor(some.length)), {
          ...of(ctx, id),
          level,
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
  { all }: { all: boolean },
): Promise<Write | undefined> => {
  const { removes } = statements(ctx.db)
  for (const [at, { least, remove }] of removes.entries()) {
    if (at === 2 && !all) continue
    const first = await ctx.db.one(least, of(ctx, id))
    if (first)
      return write(remove, { ...of(ctx, id), upTo: first.number + (at === 0 ? PIECES : ROWS) })
  }
  return undefined
}
/** Deleted in one statement: about a megabyte. */
const PIECES = 15
const ROWS = 499
