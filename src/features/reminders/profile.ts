// Reminders follow the time zone of their user, and the clock at which days remind.
import { chunkRows, defineBulk } from '../../core/bulk-kinds.ts'
import type { Bulk } from '../../core/bulk-store.ts'
import type { Change, Told } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { readerIdOf } from '../../core/parties.ts'
import type { Write } from '../../db/statement.ts'
import { fireAtOf, type Settings, zoneOf } from './fire-at.ts'
import { revised } from './follow.ts'
import { rawTimesOf, type Stored, timesOf } from './row.ts'
import { movedTo } from './state.ts'
import { pendingReminders, rescheduleReminder } from './store.ts'

/**
 * What has fired stays so: a traveller is not reminded again of what was. Touches nothing of a
 * reminder that another change has come to: that one knew the settings.
 */
const reschedule = (ctx: Ctx, reminders: readonly Stored[], settings?: Settings): Told => {
  const [writes, changes]: [Write[], Change[]] = [[], []]
  for (const reminder of reminders) {
    const used = settings ?? reminder
    const state = movedTo(reminder, fireAtOf(reminder.trigger, timesOf(reminder), used))
    if (state === undefined) continue
    writes.push(rescheduleReminder(ctx, reminder, revised(ctx, reminder, state), used))
    changes.push({ entity: 'reminder', id: reminder.id, event: null })
  }
  return { writes, changes }
}

/**
 * The reminders of the caller who is about to have these settings, for the batch that sets them,
 * behind the write that does. Where they are many, they follow in chunks: then there is `bulk`.
 */
export const followSettings = async (
  ctx: Ctx,
  settings: Settings,
): Promise<Told & { readonly bulk: Bulk | undefined }> => {
  const most = chunkRows(ctx)
  const found = await pendingReminders(ctx, { after: FIRST_ID, limit: most + 1 })
  if (found.length <= most) return { ...reschedule(ctx, found, settings), bulk: undefined }
  const bulk = { kind: KIND, targetId: readerIdOf(ctx), data: { after: FIRST_ID } }
  return { writes: [], changes: [], bulk }
}

const KIND = 'move_reminders'

defineBulk(KIND, {
  chunk: async (ctx, { data }) => {
    const limit = chunkRows(ctx)
    const some = await pendingReminders(ctx, { after: data['after'] as string, limit })
    const last = some.length === limit ? some.at(-1) : undefined
    return { ...reschedule(ctx, some), next: last && { after: last.id } }
  },
})

/** A part of a user's reminders whose times are calculated again: other rules of zones hold now. */
export type Rederived = Told & { readonly next: string | undefined }

/**
 * Some of the caller's reminders from behind `after`, with their times as this runtime calculates
 * them, where that `isSure` of their zone.
 */
export const rederiveReminders = async (
  ctx: Ctx,
  after: string,
  isSure: (zone: string | undefined) => boolean,
): Promise<Rederived> => {
  const limit = chunkRows(ctx)
  const some = await pendingReminders(ctx, { after, limit })
  return {
    ...reschedule(
      ctx,
      some.filter((one) => isSure(zoneOf(one.trigger, rawTimesOf(one), one))),
    ),
    next: some.length === limit ? some.at(-1)?.id : undefined,
  }
}
