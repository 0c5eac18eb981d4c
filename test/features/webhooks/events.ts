// What happens to a user, as far as webhooks look at it.
import { onBehalfOf } from '../../../src/core/context.ts'
import type { EventType } from '../../../src/core/event-types.ts'
import { recordEvent } from '../../../src/core/events.ts'
import { accountIdOf, ownAccount, readerIdOf } from '../../../src/core/parties.ts'
import { commit } from '../../../src/core/unit-of-work.ts'
import type { World } from '../../support/world.ts'

type About = {
  readonly type?: EventType
  readonly projectId?: string | null
  readonly count?: number
  readonly entityId?: string
}

/** Events of a user, all in one batch. */
export const happen = async (
  { deps }: Pick<World, 'deps'>,
  user: string,
  { type = 'reminder.fired', projectId = null, count = 1, entityId }: About = {},
): Promise<void> => {
  const ctx = onBehalfOf({ ...deps, quotas: deps.config.quotas }, user)
  const writes = Array.from({ length: count }, () =>
    recordEvent(
      ctx,
      accountIdOf(ctx),
      { entity: 'reminder', id: entityId ?? ctx.ids.next() },
      { type, projectId, taskId: null, only: readerIdOf(ctx), data: {} },
    ),
  )
  await commit(ctx, { parties: ownAccount(ctx), writes, result: 'done' })
}
