import type { Ctx } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import type { Session } from './schemas.ts'
import { pageOfSessions } from './store.ts'

const LIST = 'sessions'

/** The caller's sessions that have not expired, newest first. */
export const listSessions = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Session>> => {
  const current = ctx.actor.kind === 'session' ? ctx.actor.sessionId : undefined
  const place = cursor === undefined ? undefined : placeOf(LIST, cursor)
  const rows = await pageOfSessions(ctx, limit + 1, place)
  const sessions = rows.map((row) => ({ ...row, current: row.id === current }))
  return pageOf(LIST, sessions, limit, ({ id }) => ({ key: '', id }))
}
