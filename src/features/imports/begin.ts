// Takes a file, and begins the import of it.
import { type Ctx, now } from '../../core/context.ts'
import { DomainError, invalid } from '../../core/errors.ts'
import type { Upload } from '../../core/operation.ts'
import { readerIdOf } from '../../core/parties.ts'
import { lockUser } from '../../core/stored-bytes.ts'
import { createDecoder } from './decode.ts'
import { fitName } from './fit.ts'
import { type Format, formatOf, formats } from './formats/index.ts'
import {
  after,
  begun,
  expectNoneRunning,
  insertJob,
  type Job,
  pageOfJobs,
  runningJob,
} from './job-store.ts'
import { Overtaken, takeStep } from './read.ts'
import { putPiece } from './row-store.ts'
import { dropImport, runImport } from './run.ts'
import { type Import, noCounts } from './schemas.ts'
import { shownImport } from './show.ts'

type Asked = {
  readonly upload: Upload
  readonly format: Format | undefined
  readonly dryRun: boolean
  /** The project of rows that name none. */
  readonly project: string | undefined
}

const running = () =>
  new DomainError(
    'import_running',
    'An import of yours is not done yet. Wait for it, or cancel it.',
  )

/** Reports that are kept of each user; the oldest go first. */
const KEPT = 20

/**
 * Stores the file in pieces as it arrives, and begins the import; the answer does not wait for it.
 * Throws `import_running`, `invalid` (the format cannot be told), and what refuses the upload.
 */
export const beginImport = async (ctx: Ctx, asked: Asked): Promise<Import> => {
  if (await runningJob(ctx)) throw running()
  await forgetOld(ctx)
  const first = newJob(ctx, asked)
  await makeJob(ctx, first)
  try {
    const received = await receive(ctx, first, asked)
    const run = () => runImport(ctx, first.id)
    if (ctx.background) ctx.background(run)
    else await run()
    return shownImport(received)
  } catch (error) {
    await dropImport(ctx, first.id).catch((failure: unknown) =>
      ctx.log.warning('a file that did not arrive could not be deleted, and is later', {
        error: failure,
      }),
    )
    throw error instanceof Overtaken ? running() : error
  }
}

const forgetOld = async (ctx: Ctx): Promise<void> => {
  const jobs = await pageOfJobs(ctx, 2 * KEPT, undefined)
  for (const { id } of jobs.slice(KEPT - 1)) await dropImport(ctx, id)
}

const newJob = (ctx: Ctx, { format, dryRun, project }: Asked): Job => {
  const at = now(ctx)
  return {
    id: ctx.ids.next(),
    status: 'receiving',
    format: format ?? 'json',
    dryRun,
    project: project ?? '',
    open: true,
    step: 0,
    state: begun,
    counts: noCounts,
    error: null,
    createdAt: at,
    updatedAt: at,
    finishedAt: null,
  }
}

/** `Moving.csv`: Todoist names a file as the project that it is of. */
const nameOf = ({ name = '' }: Upload): string =>
  /\.csv$/i.test(name) ? fitName(name.replace(/^.*[/\\]/, '').replace(/\.csv$/i, ''), '') : ''

/** Behind the lock of the user, so that of two that come at once one is refused. */
const makeJob = async (ctx: Ctx, job: Job): Promise<void> => {
  const user = readerIdOf(ctx)
  const outcome = await ctx.db.atomic(
    [lockUser(ctx, user), expectNoneRunning(ctx), insertJob(ctx, job)],
    {
      mustTouch: [0, 1],
      grows: true,
    },
  )
  if (outcome === 'stale') throw running()
}

/** Pieces that are written together. */
const PIECES = 8

const receive = async (ctx: Ctx, first: Job, { upload, format, project }: Asked): Promise<Job> => {
  const decoder = createDecoder()
  let [bytes, pieces] = [0, 0]
  let told = format
  let job = first
  let waiting: string[] = []
  const flush = async (): Promise<void> => {
    told ??= formatOf(waiting[0] ?? '', upload.name ?? '')
    if (told === undefined)
      throw invalid({
        at: ['format'],
        code: 'unknown',
        detail: `What kind of file this is cannot be told for certain from how it begins. Name the format: ${formats.join(', ')}. Each line of a text is a task with todotxt; no format takes the CSV of an export.`,
      })
    const writes = waiting.map((text, at) => putPiece(ctx, job.id, pieces + at, text))
    pieces += waiting.length
    waiting = []
    job = await takeStep(ctx, after(ctx, job, { state: { ...job.state, pieces, bytes } }), writes)
  }
  await upload.receive((chunk) => {
    bytes += chunk.byteLength
    waiting.push(...decoder.add(chunk))
    return waiting.length >= PIECES ? flush() : undefined
  })
  waiting.push(...decoder.end())
  if (waiting.length > 0 || pieces === 0) await flush()
  const is = told ?? job.format
  // A row of Todoist names no project; the file does.
  const named = project ?? (is === 'todoist-csv' ? nameOf(upload) : '')
  return takeStep(
    ctx,
    after(ctx, job, {
      status: 'reading',
      format: is,
      project: named,
      state: { ...job.state, pieces, bytes, foreign: decoder.foreign },
    }),
    [],
  )
}
