import type { Ctx } from '../../core/context.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { instantIn } from '../../core/schemas.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { shownReminder } from './row.ts'
import type { Reminder } from './schemas.ts'
import { pageOfReminders, remindersOfTask } from './store.ts'
import { findTarget } from './target.ts'

type Choice = {
  readonly from?: Instant | undefined
  readonly until?: Instant | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The caller's reminders that have a time, by that; also those that have fired. */
export const listReminders = async (
  ctx: Ctx,
  { from, until, limit, cursor }: Choice,
): Promise<Page<Reminder>> => {
  const list = `reminders ${from ?? ''} ${until ?? ''}`
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  const key = place && instantIn(place.key)
  if (place && key === undefined)
    throw invalid({
      at: ['cursor'],
      code: 'malformed',
      detail: 'This is not a cursor of this service.',
    })
  const rows = await pageOfReminders(ctx, limit + 1, {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(key !== undefined && { key: instantOf(key), id: place?.id }),
  })
  return pageOf(list, rows.map(shownReminder), limit, ({ fire_at, id }) => ({
    key: fire_at ?? '',
    id,
  }))
}

/** The caller's reminders of a task, oldest first. Throws `not_found`. */
export const listTaskReminders = async (ctx: Ctx, task: string): Promise<{ items: Reminder[] }> => {
  const items = (await remindersOfTask(ctx, task)).map(shownReminder)
  if (items.length === 0 && !(await findTarget(ctx, task))) throw notFound('task')
  return { items }
}
