// Goes on with an import, step by step: each is one batch, which any process can do after another.
import { inTurn } from '../../core/bulk.ts'
import { type Ctx, type Interruptible, onBehalfOf } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { authorOf, recordEvent } from '../../core/events.ts'
import { logFailedWork } from '../../core/failed-work.ts'
import { createFairQueue } from '../../core/fair-queue.ts'
import { readerIdOf } from '../../core/parties.ts'
import { commit } from '../../core/unit-of-work.ts'
import { perDatabase } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { isStorageFull, isSuperseded } from '../../db/portable.ts'
import { isUnavailable } from '../../db/unavailable.ts'
import { placeNew } from '../tasks/index.ts'
import {
  after,
  findJob,
  idleJobs,
  type Job,
  proceedTo,
  removeJob,
  type State,
} from './job-store.ts'
import { LEVELS } from './order.ts'
import { Overtaken, readFile, takeStep } from './read.ts'
import { putNotes, removeSome, rowsBehind, type StoredRow } from './row-store.ts'
import { note } from './values.ts'
import { writeBeside } from './write-beside.ts'
import { writeLabels, writeProjects, writeSettings } from './write-others.ts'
import { writeTasks } from './write-tasks.ts'

/**
 * Rows of one batch: some 15 ms of work for a database in a file. Tasks have many columns, and labels
 * besides.
 */
const ROWS = 50
/** The deepest level that is written by itself. */
const DEEPEST = 200

/** Rows of one level, in the order of the file. */
const nextRows = (ctx: Ctx, { id, state }: Job): Promise<StoredRow[]> => {
  const place = state.after ?? { level: LEVELS.settings, number: -1 }
  const limit = state.single > 0 ? 1 : ROWS
  return rowsBehind(ctx, id, place, { limit, deepest: DEEPEST })
}

const stateBehind = (state: State, rows: readonly StoredRow[]): State => {
  const last = rows.at(-1) as StoredRow
  return {
    ...state,
    done: state.done + rows.length,
    after: { level: last.level, number: last.number },
    single: Math.max(0, state.single - rows.length),
    conflicts: 0,
  }
}

const write = async (ctx: Ctx, job: Job): Promise<Job> => {
  const rows = await nextRows(ctx, job)
  const [first] = rows
  if (!first) {
    const finishedAt = instantOf(ctx.clock.now())
    const state = { ...job.state, done: job.state.total }
    const error = state.failure ?? null
    const status = error === null ? 'done' : 'failed'
    const next = after(ctx, job, { status, error, finishedAt, state })
    return job.dryRun ? takeStep(ctx, next, []) : finish(ctx, next)
  }
  const written = { rows, state: stateBehind(job.state, rows) }
  if (first.level === LEVELS.settings) return writeSettings(ctx, job, written)
  if (first.level === LEVELS.project) return writeProjects(ctx, job, written)
  if (first.level === LEVELS.label) return writeLabels(ctx, job, written)
  if (first.level >= LEVELS.blocker) return writeBeside(ctx, job, written)
  try {
    return await writeTasks(ctx, job, written)
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'quota_exceeded')) throw error
    if (rows.length > 1)
      return takeStep(ctx, after(ctx, job, { state: { ...job.state, single: rows.length } }), [])
    return refuse(ctx, job, { ...written, row: first }, error.message)
  }
}

/**
 * The step in which an import is over, with its event: one for all that it has made. The batch takes a
 * number of its user, by which what follows events finds it.
 */
const finish = async (ctx: Ctx, next: Job): Promise<Job> => {
  const { parties } = await placeNew(ctx, {})
  const { id, format, status, counts } = next
  const happened = {
    type: 'import.finished',
    projectId: null,
    taskId: null,
    only: readerIdOf(ctx),
    data: { details: { format, status, ...counts } },
  } as const
  const event = recordEvent(ctx, parties.ownerId, { entity: 'import', id }, happened)
  const writes = [proceedTo(ctx, next), event]
  const outcome = await commit(ctx, { parties, writes, mustTouch: [0], result: next })
  if (outcome === 'stale') throw new Overtaken()
  // No change of a thing tells it.
  ctx.grown?.note(parties.readerIds)
  return outcome
}

type Refused = { readonly row: StoredRow; readonly state: State }
const refuse = (ctx: Ctx, job: Job, { row, state }: Refused, why: string): Promise<Job> => {
  const counts = { ...job.counts, refused: job.counts.refused + 1 }
  const about = { row: row.data.row, title: row.data.title }
  const noted = putNotes(ctx, job.id, counts, [[about, note('quota', '', why)]])
  return takeStep(ctx, after(ctx, job, { counts: noted.counts, state }), noted.writes)
}

/** Deletes what is no longer needed; the report stays. */
const tidy = async (ctx: Ctx, job: Job): Promise<Job> => {
  const some = await removeSome(ctx, job.id, { all: false })
  return takeStep(ctx, after(ctx, job, { open: some !== undefined }), some ? [some] : [])
}

const step = (own: Ctx, job: Job): Promise<Job> => {
  if (job.status === 'reading') return readFile(own, job)
  const ctx = { ...own, moment: {} }
  return job.status === 'writing' ? write(ctx, job) : tidy(ctx, job)
}

/** What is kept of a file while it is read is some megabytes: so many files at a time. */
const READ_AT_ONCE = 2
const turnsIn = perDatabase(() =>
  createFairQueue({
    concurrent: READ_AT_ONCE,
    concurrentPerKey: 1,
    waitingPerKey: 2,
    full: () => new Overtaken(),
  }),
)

/** Says that it failed, where nothing is to be hoped of another attempt. */
const fail = async (ctx: Ctx, id: string, error: unknown): Promise<boolean> => {
  const job = await findJob(ctx, id)
  if (!job || (job.status !== 'reading' && job.status !== 'writing')) return false
  const said = error instanceof DomainError ? error.message : 'Something went wrong here.'
  const next = {
    status: 'failed',
    error: said.slice(0, 500),
    finishedAt: instantOf(ctx.clock.now()),
  } as const
  await inTurn(ctx, () =>
    ctx.db.atomic([proceedTo(ctx, after(ctx, job, next))], { mustTouch: [0] }),
  )
  return true
}

/**
 * Attempts to write some rows, each of which goes on for as long as a request tries to change
 * something. The next one comes a minute later.
 */
const ATTEMPTS = 5

/**
 * Counts an attempt to write that other changes came before. Answers why it was the last one, so that
 * rows which can never be written as they are do not keep their user from another import.
 */
const conflicted = async (ctx: Ctx, id: string): Promise<DomainError | undefined> => {
  const job = await findJob(ctx, id)
  if (job?.status !== 'writing') return undefined
  const conflicts = (job.state.conflicts ?? 0) + 1
  if (conflicts < ATTEMPTS) {
    await takeStep(ctx, after(ctx, job, { state: { ...job.state, conflicts } }), [])
    return undefined
  }
  const row = (await nextRows(ctx, job))[0]?.data.row ?? 0
  return new DomainError(
    'write_conflict',
    `What stands in the file from row ${row} on could not be written in ${ATTEMPTS} attempts: other changes, or what is here already, kept coming before it.`,
  )
}

/**
 * Goes on with an import of the caller until it is done, unless another process does. Where the
 * database is out of reach or full, it stays as it is for the next attempt.
 */
export const runImport = async (caller: Ctx, id: string): Promise<void> => {
  const { receipt: _ofTheRequest, charge: _ofTheRequestToo, moment: _asWell, ...rest } = caller
  const own = { ...onBehalfOf(rest, readerIdOf(caller)), author: authorOf(caller) }
  const work = async (): Promise<void> => {
    for (let job = await findJob(own, id); job?.open && job.status !== 'receiving'; )
      job = await step(own, job)
  }
  try {
    await (caller.bulk?.queue ? turnsIn(caller.db).run(readerIdOf(caller), work) : work())
  } catch (error) {
    if (error instanceof Overtaken) return
    if (isUnavailable(error) || isStorageFull(error) || isSuperseded(error)) throw error
    const code = error instanceof DomainError ? error.code : undefined
    if (code === 'unauthenticated') throw error
    const last = code === 'write_conflict' ? await conflicted(own, id) : error
    if (last === undefined) throw error
    caller.log.error('an import failed', { user_id: readerIdOf(caller), import_id: id, error })
    if (!(await fail(own, id, last))) throw error
    await runImport(caller, id)
  }
}

/** A file that has not arrived in this time does not arrive any more. */
const RECEIVING_MS = 10 * 60_000

/**
 * Goes on with the imports that no process has worked on for `idleMs` milliseconds. One that fails
 * is logged and keeps no other waiting.
 */
export const resumeImports = async (
  ctx: Omit<Ctx, 'actor'> & Interruptible,
  { idleMs }: { readonly idleMs: number },
): Promise<void> => {
  const now = ctx.clock.now()
  for (const { userId, id } of await idleJobs(ctx, instantOf(now - idleMs))) {
    if (ctx.signal?.aborted) return
    const own = onBehalfOf(ctx, userId)
    try {
      const job = await findJob(own, id)
      if (job?.status === 'receiving') {
        if (Date.parse(job.updatedAt) < now - RECEIVING_MS) await dropImport(own, id)
      } else await runImport(own, id)
    } catch (error) {
      if (isSuperseded(error)) throw error
      logFailedWork(ctx, 'an import could not be gone on with', {
        user_id: userId,
        import_id: id,
        error,
      })
    }
  }
}

/** Deletes an import with all that belongs to it. */
export const dropImport = async (ctx: Ctx, id: string): Promise<void> => {
  for (;;) {
    const some = await removeSome(ctx, id, { all: true })
    await inTurn(ctx, () => ctx.db.atomic([some ?? removeJob(ctx, id)], { wide: true }))
    if (!some) return
  }
}
