import { type Ctx, now } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { after, findJob, proceedTo } from './job-store.ts'
import { runImport } from './run.ts'
import type { Import } from './schemas.ts'
import { shownImport } from './show.ts'

/** Steps that may come before it. */
const ATTEMPTS = 50

/**
 * Ends an import; what it has made stays. One that is over stays as it is. Throws `not_found`,
 * `write_conflict`.
 */
export const cancelImport = async (ctx: Ctx, id: string): Promise<Import> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const job = await findJob(ctx, id)
    if (!job) throw notFound('import')
    if (!['receiving', 'reading', 'writing'].includes(job.status)) return shownImport(job)
    const next = after(ctx, job, { status: 'cancelled', finishedAt: now(ctx) })
    const outcome = await ctx.db.atomic([proceedTo(ctx, next)], { mustTouch: [0] })
    if (outcome === 'stale') continue
    const tidy = () => runImport(ctx, id)
    if (ctx.background) ctx.background(tidy)
    else await tidy()
    return shownImport(next)
  }
  throw new DomainError('write_conflict', 'The import goes on too fast to be cancelled. Try again.')
}
