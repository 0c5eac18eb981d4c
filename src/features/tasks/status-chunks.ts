// What the completion of a task does to those below it, in chunks: level by level, from parents to
// their children.
import { type SQL, sql } from 'drizzle-orm'
import { defineBulk } from '../../core/bulk-kinds.ts'
import type { Bulk } from '../../core/bulk-store.ts'
import type { Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import type { OwnerId } from '../../core/parties.ts'
import { ownedAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { insertIfFree } from '../../db/portable.ts'
import {
  compile,
  fillList,
  listOf,
  perSlots,
  type Statement,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Page } from './children.ts'
import { countRevised } from './progress.ts'
import {
  kindOf,
  outcomeOf,
  recordStatus,
  type StatusChange,
  statusChanges,
} from './status-below.ts'
import { chunkBelow, dequeue, queueAlone } from './subtree-chunks.ts'

const kinds = { close: 'complete_below', renew: 'renew_below', undo: 'reopen_below' } as const

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, bulkParents } = t
  const { close, renew, undo, undoOfInstant } = statusChanges(dialect)
  const page = (slots: number): SQL =>
    sql`${tasks.parentId} in ${listOf(tasks.id, 'parent', slots)} and ${tasks.id} > ${value(tasks.id, 'after')} and ${tasks.id} <= ${value(tasks.id, 'upTo')}`
  type Step = (typeof close)[number] | (typeof undo)[number]
  const step = ({ set, where }: Step, ...more: SQL[]) =>
    perSlots(
      (slots): Statement =>
        compile(
          q
            .update(tasks)
            .set(set as never)
            .where(ownedAmong(tasks.ownerId, page(slots), ...where, ...more)),
        ),
    )
  const hasChild = sql`exists (select 1 from ${tasks} as child where child.parent_id = ${tasks.id})`
  const once = sql`${tasks.recurrence} is null`
  const queueParents = (slots: number): Statement =>
    compile(
      insertIfFree(
        dialect,
        q.insert(bulkParents).select(
          q
            .select({ userId: tasks.ownerId, taskId: tasks.id } as never)
            .from(tasks)
            .where(ownedAmong(tasks.ownerId, page(slots), once, hasChild)) as never,
        ),
        { taskId: bulkParents.taskId },
      ),
    )
  return {
    close: close.map((one) => step(one)),
    renew: renew.map((one) => step(one)),
    undo: undo.map((one) => step(one)),
    undoOfInstant: undo.map((one) => step(one, undoOfInstant)),
    queueParents: perSlots(queueParents),
  }
})

/** Each chunk knows below which task it is. */
type ChunkedChange = StatusChange & { readonly root?: string }

/** What begins such a change of all tasks below `root`: writes for the batch of `root` itself. */
export const changeStatusInChunks = (
  ctx: Pick<Ctx, 'db'>,
  ownerId: OwnerId,
  root: string,
  data: StatusChange,
): Told & { bulk: Bulk } => ({
  writes: queueAlone(ctx, ownerId, root),
  changes: [],
  bulk: { kind: kinds[data.change], targetId: root, data: { ...data, root } },
})

const changeChildren = (ctx: Ctx, owner: OwnerId, data: ChunkedChange, page: Page): Told => {
  const { parents, after, upTo, last } = page
  const [rev, updatedAt] = [ctx.ids.next(), now(ctx)]
  const slots = slotsFor(parents.length)
  const values = { ...data, ...fillList('parent', parents), owner, after, upTo, rev, updatedAt }
  const found = statements(ctx.db)
  const writes: Write[] = [
    ...found[kindOf(data)].map((step) => write(step(slots), values)),
    recordStatus(ctx, owner, data.root, data, { rev, at: updatedAt }),
    ...countRevised(ctx, owner, outcomeOf(data), { root: FIRST_ID, rev, at: updatedAt }),
    write(found.queueParents(slots), values),
    ...(last ? [dequeue(ctx, owner, parents)] : []),
  ]
  return { writes, changes: [{ rev, at: updatedAt, event: null }] }
}

const chunk = chunkBelow<ChunkedChange>({ change: changeChildren, frees: () => true })
for (const kind of Object.values(kinds)) defineBulk(kind, { chunk })
