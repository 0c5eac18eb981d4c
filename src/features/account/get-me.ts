import { runningBulk } from '../../core/bulk-store.ts'
import type { Ctx, Quotas } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { accountIdOf } from '../../core/parties.ts'
import type { Me } from './schemas.ts'
import { findCaller } from './store.ts'
import { withKnownZone } from './user.ts'

/** The caller, with the quotas, and with what a request has begun and is not done yet. */
export const getMe = async (ctx: Ctx): Promise<Me> => {
  const [found, running] = await Promise.all([findCaller(ctx), runningBulk(ctx, accountIdOf(ctx))])
  if (!found) throw accountGone()
  const { tasks, projects, labels, keys, bytes, ...user } = found
  const shownRunning = running && {
    kind: running.kind,
    id: running.targetId,
    since: running.createdAt,
  }
  return {
    ...withKnownZone(user),
    quotas: quotasOf({ tasks, projects, labels, keys, bytes }, ctx.quotas),
    running: shownRunning ? [shownRunning] : [],
  }
}

const quotasOf = (used: Quotas, limits: Quotas): Me['quotas'] => {
  const of = (what: keyof Quotas) => ({ used: used[what], limit: limits[what] })
  return {
    tasks: of('tasks'),
    projects: of('projects'),
    labels: of('labels'),
    keys: of('keys'),
    bytes: of('bytes'),
  }
}
