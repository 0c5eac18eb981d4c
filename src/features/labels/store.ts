import { and, asc, eq, gt, ne, type SQL, sql } from 'drizzle-orm'
import { visible } from '../../core/access.ts'
import { logRevised } from '../../core/changes.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import { perDialect } from '../../db/database.ts'
import { textList } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  placeholders,
  query,
  type Statement,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Label } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { labels, taskLabels, tasks } = t
  const shape = {
    id: labels.id,
    name: labels.name,
    color: labels.color,
    created_at: labels.createdAt,
    updated_at: labels.updatedAt,
    rev: labels.rev,
  }
  const select = () => q.select(shape).from(labels)
  const page = (...seek: Parameters<typeof visible>[1][]) =>
    query<Label>(
      select()
        .where(visible(labels.ownerId, ...seek))
        .orderBy(asc(labels.name))
        .limit(sql.placeholder('limit')),
    )
  const named = new Map<number, ReturnType<typeof query<Pick<Label, 'name'>>>>()
  const atRev = visible(labels.ownerId, eq(labels.id, value(labels.id, 'id')), eq(labels.rev, value(labels.rev, 'was')))
  const label = value(taskLabels.labelId, 'label')
  const labelled = sql`${tasks.id} in (select ${taskLabels.taskId} from ${taskLabels} where ${taskLabels.labelId} = ${label})`
  /** Of the links `which`, the labels' names as they are by then. */
  const reviseTasks = (...which: SQL[]) => {
    const links = sql`from ${taskLabels} inner join ${labels} on ${eq(labels.id, taskLabels.labelId)} where ${and(eq(taskLabels.taskId, tasks.id), ...which)}`
    const set = { ...placeholders<object>(['rev', 'updatedAt']), labels: textList(dialect, labels.name, links) }
    return compile(q.update(tasks).set(set).where(visible(tasks.ownerId, labelled)))
  }
  return {
    byId: query<Label>(select().where(visible(labels.ownerId, eq(labels.id, value(labels.id, 'id'))))),
    first: page(),
    after: page(gt(labels.name, value(labels.name, 'key'))),
    named: (slots: number) => {
      const found =
        named.get(slots) ??
        query<Pick<Label, 'name'>>(
          q
            .select({ name: labels.name })
            .from(labels)
            .where(visible(labels.ownerId, sql`${labels.name} in ${listOf(labels.name, 'name', slots)}`)),
        )
      named.set(slots, found)
      return found
    },
    insert: compile(q.insert(labels).values(everyColumn(labels))),
    update: compile(
      q
        .update(labels)
        .set(placeholders(['name', 'color', 'rev', 'updatedAt']))
        .where(atRev),
    ),
    remove: compile(q.delete(labels).where(atRev)),
    reviseTasks: reviseTasks(),
    reviseTasksWithout: reviseTasks(ne(taskLabels.labelId, label)),
    logTasks: logRevised<{ label: string }>(dialect, 'task', tasks, labelled),
  }
})

export const findLabel = (ctx: Ctx, id: string): Promise<Label | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: ctx.actor.userId, id })

/** Labels by name, from behind `place`. */
export const pageOfLabels = (ctx: Ctx, limit: number, place: Place | undefined): Promise<Label[]> => {
  const { first, after } = statements(ctx.db)
  return ctx.db.all(place ? after : first, { reader: ctx.actor.userId, limit, ...place })
}

/** Those of the names that labels have. */
export const existingNames = async (ctx: Ctx, names: readonly string[]): Promise<Set<string>> => {
  if (names.length === 0) return new Set()
  const found = await ctx.db.all(statements(ctx.db).named(slotsFor(names.length)), { reader: ctx.actor.userId, ...fillList('name', names) })
  return new Set(found.map(({ name }) => name))
}

export const insertLabel = (ctx: Ctx, { id, name, color, created_at, updated_at, rev }: Label): Write =>
  write(statements(ctx.db).insert, { id, ownerId: ctx.actor.userId, name, color, rev, createdAt: created_at, updatedAt: updated_at })

/** Touches no row when the label is no longer at `was`. */
export const updateLabelRow = (ctx: Ctx, was: string, { id, name, color, rev, updated_at }: Label): Write =>
  write(statements(ctx.db).update, { reader: ctx.actor.userId, id, was, name, color, rev, updatedAt: updated_at })

export const removeLabelRow = (ctx: Ctx, { id, rev }: Label): Write =>
  write(statements(ctx.db).remove, { reader: ctx.actor.userId, id, was: rev })

/** A new revision for every task that shows this label, which has just got another name, with the names of its labels and its change-log entry. */
export const reviseLabelled = (ctx: Ctx, label: string): Write[] => revise(ctx, label, statements(ctx.db).reviseTasks)
/** The same with the names of its other labels, before this one is deleted and takes the links along. */
export const reviseWithout = (ctx: Ctx, label: string): Write[] => revise(ctx, label, statements(ctx.db).reviseTasksWithout)

const revise = (ctx: Ctx, label: string, tasks: Statement): Write[] => {
  const [reader, rev, at] = [ctx.actor.userId, ctx.ids.next(), now(ctx)]
  return [write(tasks, { reader, label, rev, updatedAt: at }), write(statements(ctx.db).logTasks, { reader, label, rev, changedAt: at })]
}
