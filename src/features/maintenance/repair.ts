// What an older version has written, which does not know all columns, or derived them otherwise:
// made whole afterwards.
import { and, eq, isNull, sql } from 'drizzle-orm'
import { finishBulk, inTurn } from '../../core/bulk.ts'
import type { Change, LogEntry } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { accountIdOf, ownAccount } from '../../core/parties.ts'
import { repairBytes } from '../../core/stored-bytes.ts'
import { commit } from '../../core/unit-of-work.ts'
import { perDialect } from '../../db/database.ts'
import { compile, query, value, type Write, write } from '../../db/statement.ts'
import { refoldEmail } from '../account/index.ts'
import { composeLabels, repairNames } from '../labels/index.ts'
import { composeProjects } from '../projects/index.ts'
import { repairReminders } from '../reminders/index.ts'
import { refoldTasks } from '../tasks/index.ts'
import { forEachUser, type Standing, type SystemContext } from './users.ts'

/**
 * How often a user who writes meanwhile is begun with again; what is left then is done in the next
 * run.
 */
const ROUNDS = 5

const statements = perDialect(({ q, t: { users } }) => {
  const byId = eq(users.id, value(users.id, 'id'))
  /**
   * With `expected`, the number of the user's last change where no other process has come in
   * between: then all is checked.
   */
  const reached = sql`case when ${users.seq} = ${value(users.seq, 'expected')} then ${users.seq} else ${value(users.seq, 'upTo')} end`
  return {
    byId: query<Standing>(
      q
        .select({ id: users.id, seq: users.seq, checkedSeq: users.checkedSeq })
        .from(users)
        .where(and(byId, isNull(users.deletedAt))),
    ),
    mark: compile(
      q
        .update(users)
        .set({ checkedSeq: reached })
        .where(and(byId, eq(users.checkedSeq, value(users.checkedSeq, 'was')))),
    ),
  }
})

type Repaired = { users: number; tasks: number; counters: number; names: number }

/**
 * Looks at what users have changed since this version last knew their rows to be right
 * (`checked_seq`), and repairs what is derived: the names of labels in tasks, the folded copies of
 * texts, the times of reminders, the count of bytes. Names are composed. Costs a look at each user where there is nothing
 * to do. One user's failure is logged and keeps no other waiting.
 */
export const repairUnchecked = async (ctx: SystemContext): Promise<void> => {
  const repaired: Repaired = { users: 0, tasks: 0, counters: 0, names: 0 }
  await forEachUser(ctx, {
    wanted: ({ seq, checkedSeq }) => seq !== checkedSeq,
    act: async (of) => {
      const { tasks, counters, names } = await repairUser(of)
      repaired.tasks += tasks
      repaired.counters += counters
      repaired.names += names
      if (tasks + counters + names > 0) repaired.users++
    },
    failure: 'what an older version wrote for a user could not be repaired',
  })
  if (repaired.users > 0) ctx.log.info('what an older version wrote was repaired', repaired)
}

const repairUser = async (ctx: Ctx): Promise<Omit<Repaired, 'users'>> => {
  const id = accountIdOf(ctx)
  let [tasks, counters] = [0, 0]
  await finishBulk(ctx, id) // between its chunks, names are what they are not to stay
  const names = await repairOwnNames(unlimited(ctx))
  await finishBulk(ctx, id)
  for (let round = 0; round < ROUNDS; round++) {
    const user = await ctx.db.one(statements(ctx.db).byId, { id })
    if (!user || user.seq === user.checkedSeq) break
    if (await repairBytes(ctx, id)) counters++
    tasks += await repairTasks(ctx, user)
  }
  return { tasks, counters, names }
}

/** The names of the user, and of what the user owns. Answers how many changed. */
const repairOwnNames = async (ctx: Ctx): Promise<number> =>
  Number(await refoldEmail(ctx)) + (await composeLabels(ctx)) + (await composeProjects(ctx))

/** What a repair stores is no growth of the user's own. */
const unlimited = (ctx: Ctx): Ctx => ({
  ...ctx,
  quotas: { ...ctx.quotas, bytes: Number.MAX_SAFE_INTEGER },
})

/**
 * Repairs the tasks that were changed up to the user's `seq`, and advances `checked_seq` on the
 * way. Answers how many were wrong.
 */
const repairTasks = async (ctx: Ctx, { id, seq, checkedSeq }: Standing): Promise<number> => {
  let [was, expected, fixed] = [checkedSeq, seq, 0]
  for (let behind: LogEntry | undefined = { seq: checkedSeq + 1, id: FIRST_ID }; behind; ) {
    const { fixes, changes, ids, next } = await inTurn(ctx, () =>
      lookAt(ctx, behind as LogEntry, seq),
    )
    // Entries of the same number may follow.
    const upTo = next ? Math.max(was, next.seq - 1) : seq
    if (fixes.length > 0) expected++
    const mark = write(statements(ctx.db).mark, {
      id,
      was,
      upTo,
      expected: next ? NO_SEQ : expected,
    })
    // the next round looks again
    if ((await run(ctx, mark, fixes, changes)) === 'stale') break
    fixed += ids.size
    was = upTo
    behind = next
  }
  return fixed
}
const NO_SEQ = -1

/** What is to be put right in some tasks. Texts first: their writes expect the tasks' revisions. */
const lookAt = async (ctx: Ctx, behind: LogEntry, upTo: number) => {
  const { fixes, ids, last, next } = await repairNames(ctx, behind, upTo)
  const texts = last
    ? await refoldTasks(ctx, accountIdOf(ctx), { behind, last })
    : { fixes: [], ids: [] }
  const reminders = last
    ? await repairReminders(ctx, accountIdOf(ctx), { behind, last })
    : { writes: [], changes: [] }
  return {
    fixes: [...texts.fixes, ...fixes, ...reminders.writes],
    changes: [
      ...ids.map((id): Change => ({ entity: 'task', id, event: null })),
      ...reminders.changes,
    ],
    ids: new Set([...texts.ids, ...ids]),
    next,
  }
}

/** The mark alone says nothing of the user that anybody could see, and takes no number. */
const run = (
  ctx: Ctx,
  mark: Write,
  fixes: readonly Write[],
  changes: readonly Change[],
): Promise<unknown> => {
  if (fixes.length === 0) return ctx.db.atomic([mark], { mustTouch: [0] })
  return commit(unlimited(ctx), {
    parties: ownAccount(ctx),
    writes: [mark, ...fixes],
    changes,
    mustTouch: [0, ...fixes.map((_, i) => i + 1)],
    result: 'done',
  })
}
