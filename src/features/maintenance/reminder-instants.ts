// The instants at which reminders fire are derived again with those of their tasks.
import { inTurn } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import type { Lease } from '../../core/lease.ts'
import { ownAccount } from '../../core/parties.ts'
import { isTimeZone } from '../../core/time-zones.ts'
import { commit } from '../../core/unit-of-work.ts'
import { rederiveReminders } from '../reminders/index.ts'

/**
 * Calculates the times of a user's reminders that wait again. Unlike those of tasks they show in
 * answers, so those that differ have a new revision. One whose zone this runtime does not know keeps
 * its time. Answers how many differed. Throws LeaseLost.
 */
export const rederiveOf = async (ctx: Ctx & { readonly lease: Lease }): Promise<number> => {
  let derived = 0
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const behind: string = after
    const { writes, changes, next } = await inTurn(ctx, () =>
      rederiveReminders(ctx, behind, (zone) => zone === undefined || isTimeZone(zone)),
    )
    if (writes.length > 0) {
      const outcome = await commit(ctx, {
        parties: ownAccount(ctx),
        writes: [...writes, ctx.lease.held()],
        changes,
        mustTouch: [writes.length],
        result: 'done' as const,
      })
      if (outcome === 'stale') await ctx.lease.beat()
      derived += outcome === 'stale' ? 0 : writes.length
    }
    after = next
  }
  return derived
}
