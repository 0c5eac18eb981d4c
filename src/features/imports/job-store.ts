// Imports themselves: what is asked for, and how far each is.
import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'
import { type Ctx, now } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Format } from './formats/index.ts'
import type { Counts, ImportStatus } from './schemas.ts'

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
  /** Attempts to write the next rows that other changes came before. */
  readonly conflicts?: number
  /** What a dry run would have made so far, besides tasks. */
  readonly planned: Planned
  /** Why the file is not what it was taken for, or not all of it. */
  readonly failure?: string | null
}

export type Planned = {
  readonly labels: readonly string[]
  readonly projects: readonly { readonly id: string; readonly name: string }[]
}
export const begun: State = {
  pieces: 0,
  bytes: 0,
  foreign: 0,
  done: 0,
  total: 0,
  after: null,
  single: 0,
  planned: { labels: [], projects: [] },
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

/** A column whose values are of a narrower type. */
type Typed<C, T> = C & { readonly _: { readonly data: T } }

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { users, imports } = t
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
  /** It may be over and still have something to be deleted. */
  const isRunning = and(isOpen, isNull(imports.finishedAt))
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
  return {
    find: query<Job>(select().where(ofAccount(imports.userId, byId))),
    running: query<Job>(select().where(ofAccount(imports.userId, isRunning))),
    first: page(false),
    behind: page(true),
    idle: query<{ userId: string; id: string }>(
      q
        .select({ userId: imports.userId, id: imports.id })
        .from(imports)
        .where(and(isOpen, lt(imports.updatedAt, value(imports.updatedAt, 'before')))),
    ),
    insert: compile(q.insert(imports).values(everyColumn(imports))),
    expectNoneRunning: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${users.id} = ${value(users.id, 'reader')} and not exists (select 1 from ${imports} where ${ofAccount(imports.userId, isRunning)})`,
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
  }
})

const of = (ctx: Ctx, id: string) => ({ reader: readerIdOf(ctx), id })

export const findJob = (ctx: Ctx, id: string): Promise<Job | undefined> =>
  ctx.db.one(statements(ctx.db).find, of(ctx, id))
/** The import of the caller that is not over. */
export const runningJob = (ctx: Ctx): Promise<Job | undefined> =>
  ctx.db.one(statements(ctx.db).running, { reader: readerIdOf(ctx) })
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
export const expectNoneRunning = (ctx: Ctx): Write =>
  write(statements(ctx.db).expectNoneRunning, { reader: readerIdOf(ctx) })
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
