import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { instantAt, type Page, pageOf, placeOf } from '../../core/paging.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { FIRES_WITHIN_MS } from './fire.ts'
import { shownReminder } from './row.ts'
import type { Reminder } from './schemas.ts'
import { pageOfReminders, remindersOfTask } from './store.ts'
import { findTarget } from './target.ts'

type Choice = {
  readonly from?: Instant | undefined
  readonly until?: Instant | undefined
  readonly firedSince?: Instant | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The caller's reminders that have a time, by that; also those that have fired. */
export const listReminders = async (
  ctx: Ctx,
  { from: given, until, firedSince, limit, cursor }: Choice,
): Promise<Page<Reminder>> => {
  const list = `reminders ${given ?? ''} ${until ?? ''} ${firedSince ?? ''}`
  const from = earliest(given, firedSince)
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  const key = place && instantAt(place)
  const rows = await pageOfReminders(ctx, limit + 1, {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(firedSince !== undefined && { firedSince }),
    ...(key !== undefined && { key, id: place?.id }),
  })
  return pageOf(list, rows.map(shownReminder), limit, ({ fire_at, id }) => ({
    key: fire_at ?? '',
    id,
  }))
}

/** What fires does so within a day of its time, and an hour is for a look that takes long. */
const FIRED_WITHIN_MS = FIRES_WITHIN_MS + 60 * 60 * 1000

/** From where the list goes, which is sorted by the time for which reminders were set. */
const earliest = (from: Instant | undefined, firedSince: Instant | undefined) => {
  if (firedSince === undefined) return from
  const least = instantOf(Date.parse(firedSince) - FIRED_WITHIN_MS)
  return from !== undefined && from > least ? from : least
}

/** The caller's reminders of a task, oldest first. Throws `not_found`. */
export const listTaskReminders = async (ctx: Ctx, task: string): Promise<{ items: Reminder[] }> => {
  const items = (await remindersOfTask(ctx, task)).map(shownReminder)
  if (items.length === 0 && !(await findTarget(ctx, task))) throw notFound('task')
  return { items }
}
