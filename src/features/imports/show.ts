// Imports as they are answered, and their reports.

import { isWithin } from '../../core/clock.ts'
import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { numberAt, type Page, pageOf, placeOf } from '../../core/paging.ts'
import { findJob, type Job, pageOfJobs } from './job-store.ts'
import { notesOf } from './row-store.ts'
import { runImport } from './run.ts'
import type { Import, ImportNote } from './schemas.ts'

export const shownImport = ({
  id,
  status,
  format,
  dryRun,
  state,
  counts,
  error,
  createdAt,
  finishedAt,
}: Job): Import => ({
  id,
  status,
  format,
  dry_run: dryRun,
  progress: { done: state.done, total: state.total },
  counts,
  error,
  created_at: createdAt,
  finished_at: finishedAt,
})

/** Milliseconds after which the process that did the last step is taken to have ended. */
const IDLE_MS = 60_000

/**
 * An import of the caller. Where no process goes on with it any more, this one does: on Workers no
 * other may. Throws `not_found`.
 */
export const getImport = async (ctx: Ctx, id: string): Promise<Import> => {
  const job = await findJob(ctx, id)
  if (!job) throw notFound('import')
  const isIdle = !isWithin(IDLE_MS, Date.parse(job.updatedAt), ctx.clock.now())
  if (job.open && job.status !== 'receiving' && isIdle) ctx.background?.(() => runImport(ctx, id))
  return shownImport(job)
}

type Asked = { readonly limit: number; readonly cursor?: string | undefined }

/** Newest first. */
export const listImports = async (ctx: Ctx, { limit, cursor }: Asked): Promise<Page<Import>> => {
  const before = cursor === undefined ? undefined : placeOf('imports', cursor).id
  const jobs = await pageOfJobs(ctx, limit + 1, before)
  return pageOf('imports', jobs.map(shownImport), limit, ({ id }) => ({ key: '', id }))
}

/** The lines of the report, in the order in which they were written. Throws `not_found`. */
export const getReport = async (
  ctx: Ctx,
  id: string,
  { limit, cursor }: Asked,
): Promise<Page<ImportNote>> => {
  const job = await findJob(ctx, id)
  if (!job) throw notFound('import')
  const list = `report ${id}`
  const behind = cursor === undefined ? -1 : numberAt(placeOf(list, cursor))
  const lines = await notesOf(ctx, id, limit + 1, behind)
  const page = pageOf(list, lines, limit, ({ number }) => ({ key: String(number), id }))
  return { ...page, items: page.items.map(({ note }) => note) }
}
