import type { Ctx } from '../../core/context.ts'
import { unknownReference } from '../../core/errors.ts'
import { FEW_TASKS, readLong } from '../../core/long-work.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { provenShort } from '../../core/proven-short.ts'
import { ownedTasks, timeZoneOf } from '../../core/user-time-zone.ts'
import { countProjects } from '../projects/index.ts'
import { type Read, readAnswered } from './answered.ts'
import { conditionsOf } from './filter.ts'
import type { TaskFilters } from './filter-schemas.ts'
import { hasLongTexts, noteTexts } from './long-texts.ts'
import { isIndexed, orderOf, placeOfTask } from './order.ts'
import { type Listed, pageOfTasks } from './pages.ts'
import type { Task } from './schemas.ts'
import { type Found, little, searchTasks } from './search.ts'
import { countTasks } from './store.ts'

type Asked = TaskFilters & { limit: number; cursor?: string | undefined }

/**
 * A page of the caller's tasks. A search may end before it has found as many as the page may have:
 * then there is a next page, however few it found. Throws `invalid` for a project or parent that is
 * not the caller's and for a foreign cursor, and what refuses too much long work at a time.
 */
export const listTasks = async (
  ctx: Ctx,
  { limit, cursor, sort, ...filters }: Asked,
): Promise<Page<Task>> => {
  const list = JSON.stringify({ sort, ...filters })
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  await expectOwn(ctx, filters)
  const order = orderOf(sort)
  const conditions = conditionsOf(filters, {
    nowMs: ctx.clock.now(),
    zone: await zoneFor(ctx, filters),
  })
  const asked = { order, conditions, limit: limit + 1, place }
  const placeOfRow = (task: Task) => placeOfTask(order, task)
  if (isShort(asked) && !hasLongTexts(ctx)) {
    const tasks = await readHere(ctx, list, asked)
    noteTexts(ctx, tasks)
    return pageOf(list, tasks, limit, placeOfRow)
  }
  const { tasks, stoppedAt } = await read(ctx, list, asked)
  noteTexts(ctx, tasks)
  return pageOf(list, tasks, limit, placeOfRow, stoppedAt)
}

/** `FEW_TASKS`, where the texts of the tasks are looked into. */
const FEW_TEXTS = 100
/** The rows of a page that is read at once, unless the caller's texts are long. */
const FEW_ROWS = 51

type Selection = Omit<Listed, 'read'>

/**
 * Is it a stretch of an index, so that it takes as long for a caller who owns much as for one who
 * owns little?
 */
const isShort = ({ order, conditions, limit }: Selection): boolean =>
  limit <= FEW_ROWS && isIndexed(order) && conditions.length === 1

/** Reads a page of few rows, by their revisions where it was asked for before. */
const readFew = (ctx: Ctx, list: string, asked: Selection, read: Read): Promise<Task[]> => {
  const { limit, place } = asked
  const name = `${limit} ${place?.key ?? ''} ${place?.id ?? ''} ${list}`
  return pageOfTasks(ctx, {
    ...asked,
    name,
    read: (reading) => readAnswered(ctx, name, reading, read),
  })
}

const readHere = (ctx: Ctx, list: string, asked: Selection): Promise<Task[]> =>
  readFew(ctx, list, asked, (query, values) => ctx.db.all(query, values))

/**
 * Reads in the thread for long reads, unless the caller has few tasks or this query has been short
 * of late: so a long read holds up no other request.
 */
const read = async (ctx: Ctx, list: string, asked: Selection): Promise<Found> => {
  const { conditions, limit, place } = asked
  const fewRows = limit <= FEW_ROWS && !hasLongTexts(ctx)
  const owned = await ownedTasks(ctx)
  const searches = conditions.some(({ reads }) => reads === 'texts')
  if (fewRows && owned <= (searches ? FEW_TEXTS : FEW_TASKS))
    return { tasks: await readHere(ctx, list, asked) }
  if (searches) return searchTasks(ctx, asked, owned <= FEW_TASKS && fewRows ? little : undefined)
  const readInTurn: Read = async (query, values, kind) => {
    const short = provenShort(ctx, `${kind} ${place === undefined} ${limit} ${list}`)
    const mode = hasLongTexts(ctx) ? { short: false } : short
    const { rows, ms } = await readLong(ctx, query, values, mode)
    short.took(ms)
    return rows
  }
  if (fewRows) return { tasks: await readFew(ctx, list, asked, readInTurn) }
  const readWhole: Listed['read'] = ({ part, whole, values }) => readInTurn(whole, values, part)
  return { tasks: await pageOfTasks(ctx, { ...asked, read: readWhole }) }
}

/** The filters name each id once: their schema sees to it. `within`: where they stand in the body. */
export const expectOwn = async (
  ctx: Ctx,
  { project_id = [], parent_id = [] }: Pick<TaskFilters, 'project_id' | 'parent_id'>,
  within: readonly string[] = [],
): Promise<void> => {
  const parents = parent_id.filter((id) => id !== 'none')
  if (project_id.length > 0 && (await countProjects(ctx, project_id)) < project_id.length)
    throw unknownReference('project_id', 'project', within)
  if (parents.length > 0 && (await countTasks(ctx, parents)) < parents.length)
    throw unknownReference('parent_id', 'task', within)
}

/** The caller's time zone, read only where a filter asks what the clock on their wall shows. */
export const zoneFor = (
  ctx: Ctx,
  { due_before, due_after, overdue }: Pick<TaskFilters, 'due_before' | 'due_after' | 'overdue'>,
): Promise<string> | string =>
  overdue !== undefined || (due_before && 'ms' in due_before) || (due_after && 'ms' in due_after)
    ? timeZoneOf(ctx)
    : 'UTC'
