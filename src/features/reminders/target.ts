// The task that a reminder is set for, and the settings of the user who sets it.
import { and, eq, exists, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { type OwnerId, ownerColumn, readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canRead, canReadAmong, ofAccount } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import {
  compile,
  fillList,
  LISTED,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Settings } from './fire-at.ts'
import type { Row } from './row.ts'

/** Do the settings of the reminder's user still say this? Bind `timeZone` and `reminderTime`. */
export const settingsHold = (dialect: Dialect, user: SQL): SQL => {
  const { users } = dialect.t
  return exists(
    dialect.q
      .select({ one: sql`1` })
      .from(users)
      .where(
        and(
          sql`${users.id} = ${user}`,
          eq(users.timeZone, value(users.timeZone, 'timeZone')),
          eq(users.reminderTime, value(users.reminderTime, 'reminderTime')),
        ),
      ),
  )
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { reminders, tasks, users } = t
  const taskById = eq(tasks.id, value(tasks.id, 'task'))
  const targets = (which: SQL) =>
    query<Target>(
      q
        .select({
          id: tasks.id,
          ownerId: ownerColumn(tasks.ownerId),
          projectId: tasks.projectId,
          rev: tasks.rev,
          reminderRev: tasks.reminderRev,
          taskStatus: tasks.status,
          trashed: tasks.trashed,
          startWall: tasks.startWall,
          startZone: tasks.startZone,
          dueWall: tasks.dueWall,
          dueZone: tasks.dueZone,
          timeZone: users.timeZone,
          reminderTime: users.reminderTime,
          reminders:
            sql<number>`(select count(*) from ${reminders} where ${and(eq(reminders.taskId, tasks.id), eq(reminders.userId, users.id))})`
              .mapWith(Number)
              .as('reminders'),
        })
        .from(tasks)
        .innerJoin(users, ofAccount(users.id))
        .where(which),
    )
  return {
    target: targets(canRead(tasks, taskById) as SQL),
    targets: perSlots((slots) =>
      targets(canReadAmong(tasks, sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`) as SQL),
    ),
    /** Touches no row where the task, its reminders or the user's settings have changed. */
    hold: compile(
      q
        .update(tasks)
        .set({ reminderRev: sql`${tasks.reminderRev} + 1` })
        .where(
          canRead(
            tasks,
            taskById,
            eq(tasks.rev, value(tasks.rev, 'taskRev')),
            eq(tasks.reminderRev, value(tasks.reminderRev, 'reminderRev')),
            settingsHold(dialect, value(users.id, 'reader')),
          ),
        ),
    ),
  }
})

/** A task that a reminder is about to be set for, and the settings of the user who does. */
export type Target = Settings &
  Pick<Row, 'startWall' | 'startZone' | 'dueWall' | 'dueZone' | 'taskStatus' | 'trashed'> & {
    readonly id: string
    readonly ownerId: OwnerId
    readonly projectId: string
    readonly rev: string
    readonly reminderRev: number
    /** How many the user has there. */
    readonly reminders: number
  }

export const findTarget = (ctx: Ctx, task: string): Promise<Target | undefined> =>
  ctx.db.one(statements(ctx.db).target, { reader: readerIdOf(ctx), task })

/** Those of these tasks that are here, by their ids. */
export const findTargets = async (
  ctx: Ctx,
  tasks: readonly string[],
): Promise<Map<string, Target>> => {
  const found = new Map<string, Target>()
  for (const some of slices([...new Set(tasks)], LISTED)) {
    const values = { reader: readerIdOf(ctx), ...fillList('id', some) }
    for (const target of await ctx.db.all(
      statements(ctx.db).targets(slotsFor(some.length)),
      values,
    ))
      found.set(target.id, target)
  }
  return found
}

/**
 * The first write of a change of the reminders of a task; touches no row where what it was decided
 * on has changed.
 */
export const holdTarget = (ctx: Ctx, target: Target): Write =>
  write(statements(ctx.db).hold, {
    reader: readerIdOf(ctx),
    task: target.id,
    taskRev: target.rev,
    reminderRev: target.reminderRev,
    timeZone: target.timeZone,
    reminderTime: target.reminderTime,
  })
