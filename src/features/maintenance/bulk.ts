import { finishBulk } from '../../core/bulk.ts'
import { usersWithIdleBulk } from '../../core/bulk-store.ts'
import { accountIdOf } from '../../core/parties.ts'
// They declare how their operations are done.
import '../account/index.ts'
import '../labels/index.ts'
import '../projects/index.ts'
import '../reminders/index.ts'
import '../tasks/index.ts'
import { forUsers, type SystemContext } from './users.ts'

/**
 * Finishes the changes of many rows that have done no chunk for `idleMs` milliseconds, because the
 * process that did them ended or the database was out of reach. One user's failure is logged and
 * keeps no other waiting.
 */
export const finishInterrupted = async (
  ctx: SystemContext,
  { idleMs }: { idleMs: number },
): Promise<void> => {
  await forUsers(ctx, await usersWithIdleBulk(ctx, idleMs), {
    act: (of) => finishBulk(of, accountIdOf(of)),
    failure: 'a change of many rows could not be finished',
  })
}
