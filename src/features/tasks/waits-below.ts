// A task that waits for tasks below it: what changes these blocks or frees the task itself, whose row
// the batch writes and answers.
import { type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { OPEN_LIST } from '../../core/open-statuses.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import {
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
} from '../../db/statement.ts'
import { expectOpen } from '../blockers/index.ts'
import { followers, kindOf, type StatusChange, statusChanges } from './status-below.ts'
import { down } from './subtree.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const live = sql`${tasks.trashed} = ${literal(dialect, false)}`
  const open = sql`${tasks.status} in ${OPEN_LIST}`
  const { close, renew, undo, undoOfInstant } = statusChanges(dialect)
  const counted = (isOpen: SQL) =>
    perSlots((slots) =>
      query<{ n: number }>(
        q
          .select({ n: sql<number>`count(*)`.mapWith(Number).as('n') })
          .from(tasks)
          .where(
            canReadAmong(tasks, sql`${tasks.id} in ${listOf(tasks.id, 'blocker', slots)}`, isOpen),
          ),
      ),
    )
  /** Where the change is about a blocker, it has the status `to`. */
  const after = (
    [first]: readonly { readonly where: readonly SQL[] }[],
    to: SQL,
    ...more: SQL[]
  ) => {
    const conditions = [...(first?.where ?? []), ...more]
    const changed = sql`${tasks.id} in (select id from ${followers(dialect)} as below) and ${sql.join(conditions, sql` and `)}`
    return counted(
      sql`${live} and (case when ${changed} then ${to} else ${tasks.status} end) in ${OPEN_LIST}`,
    )
  }
  const before = sql`${tasks.statusBefore}`
  return {
    close: after(close, sql.raw("'completed'")),
    renew: after(renew, sql.raw("'pending'")),
    undo: after(undo, before),
    undoOfInstant: after(undo, before, undoOfInstant),
    restore: counted(
      sql`${open} and (${live} or (${tasks.deletedAt} = ${value(tasks.deletedAt, 'was')} and ${tasks.id} in (select id from ${down(dialect)} as below)))`,
    ),
  }
})

/** Of a batch: whether the task is blocked behind it. `guards` end it, and have to touch a row. */
export type WaitingBelow = { readonly blocked: boolean; readonly guards: readonly Write[] }

type Waiting = {
  readonly id: string
  readonly blocked_by: readonly string[]
  readonly below: readonly string[]
}
type Change = StatusChange | { readonly change: 'restore'; readonly was: string }

/** Undefined where none of what the task waits for is below it. */
export const waitsBelow = async (
  ctx: Ctx,
  owner: OwnerId,
  { id, blocked_by: blockers, below }: Waiting,
  data: Change,
): Promise<WaitingBelow | undefined> => {
  if (blockers.length === 0 || !blockers.some((blocker) => below.includes(blocker)))
    return undefined
  const kind = data.change === 'restore' ? 'restore' : kindOf(data)
  const { change: _, ...rest } = data
  const values = { reader: readerIdOf(ctx), root: id, ...rest, ...fillList('blocker', blockers) }
  const found = await ctx.db.one(statements(ctx.db)[kind](slotsFor(blockers.length)), values)
  const open = found?.n ?? 0
  return { blocked: open > 0, guards: [expectOpen(ctx, owner, blockers, open)] }
}
