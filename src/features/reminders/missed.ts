// Reminders that did not fire in time. That is final, so the time has to be certain.
import { type Ctx, type Interruptible, nowAfter, onBehalfOf } from '../../core/context.ts'
import { logFailedWork } from '../../core/failed-work.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { type Lease, LeaseLost } from '../../core/lease.ts'
import { commit } from '../../core/unit-of-work.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { isSuperseded } from '../../db/portable.ts'
import type { FiringCounts } from './counts.ts'
import { batchesOf, claim, type Due, type Place, pageOfDue } from './due.ts'
import { reminderSettled } from './happened.ts'
import { isAtRest, partiesOfReminder } from './row.ts'

const PAGE = 250
const BEGINNING = '1000-01-01T00:00:00.000Z'

type MissingCtx = Ctx & Interruptible & { readonly lease: Lease; readonly firings?: FiringCounts }

/**
 * Reminders that wait for a time before `before`, which is certain to be more than 24 hours ago: they
 * are missed, or cancelled where their task has come to rest. What others change meanwhile is looked
 * at the next time. One user's failure is logged and keeps no other waiting. Throws Superseded,
 * LeaseLost, and what fails while the process ends.
 */
export const settleMissed = async (ctx: MissingCtx, before: Instant): Promise<void> => {
  const upTo = instantOf(Date.parse(before) - 1)
  let place: Place | undefined = { fireAt: BEGINNING, id: FIRST_ID }
  while (place !== undefined) {
    const page: Due[] = await pageOfDue(ctx, place, { upTo, limit: PAGE })
    for (const some of batchesOf(page)) {
      await ctx.lease.beat()
      await trySettle(ctx, some)
    }
    place = page.length < PAGE ? undefined : page.at(-1)
  }
}

const trySettle = async (ctx: MissingCtx, some: readonly Due[]): Promise<void> => {
  const { userId } = some[0] as Due
  try {
    await settle({ ...ctx, ...onBehalfOf(ctx, userId) }, some)
  } catch (error) {
    if (isSuperseded(error) || error instanceof LeaseLost || ctx.signal?.aborted) throw error
    logFailedWork(ctx, 'missed reminders of a user could not be settled', {
      user_id: userId,
      error,
    })
  }
}

const settle = async (ctx: MissingCtx, some: readonly Due[]): Promise<void> => {
  const first = some[0] as Due
  const claims = some.map((due) =>
    claim(ctx, due, {
      status: isAtRest(due) ? 'cancelled' : 'missed',
      firedAt: null,
      late: false,
      rev: ctx.ids.next(),
      updatedAt: nowAfter(ctx, due.updatedAt),
    }),
  )
  const missed = some.filter((due) => !isAtRest(due))
  const outcome = await commit(ctx, {
    parties: partiesOfReminder(first.ownerId, first),
    writes: [...claims, ctx.lease.held()],
    changes: some.map((due) => ({
      entity: 'reminder',
      id: due.id,
      event: isAtRest(due) ? null : reminderSettled(due, 'missed'),
    })),
    mustTouch: [...claims.keys(), claims.length],
    result: 'done' as const,
  })
  if (outcome !== 'stale') for (const _ of missed) ctx.firings?.missed()
}
