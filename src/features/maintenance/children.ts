// Counts the children of the tasks that were there before tasks had counters: once for a database.
import { accountIdOf } from '../../core/parties.ts'
import { setSettingBelow, settingsBelow } from '../../core/settings.ts'
import { recountChildren } from '../tasks/index.ts'
import { forEachUser, type SystemContext } from './users.ts'

const [NAME, COUNTED] = ['tasks', 'children_counted']

/** One user's failure is logged, and then it is tried again for all in the next run. */
export const countChildren = async (ctx: SystemContext): Promise<void> => {
  if ((await settingsBelow(ctx.db, NAME)).has(COUNTED)) return
  let [users, counted, tasks] = [0, 0, 0]
  await forEachUser(ctx, {
    act: async (of) => {
      users++
      tasks += await recountChildren(of, accountIdOf(of))
      counted++
    },
    failure: 'the subtasks of a user could not be counted',
  })
  if (counted < users) return
  await ctx.db.atomic([setSettingBelow(ctx.db, NAME, COUNTED, 'true')])
  if (tasks > 0) ctx.log.info('the subtasks of earlier versions were counted', { tasks })
}
