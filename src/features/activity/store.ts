// Pages of the record of what happened, the newest first.
import { and, desc, eq, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import type { EventData, EventType } from '../../core/event-types.ts'
import { readerIdOf } from '../../core/parties.ts'
import { canRead, canReadAmong, forAllOrReader } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { fillList, listOf, perNames, perSlots, query, slotsFor, value } from '../../db/statement.ts'

export type StoredEvent = {
  readonly id: string
  readonly seq: number
  readonly type: EventType
  readonly entity: string
  readonly entityId: string
  readonly projectId: string | null
  readonly taskId: string | null
  readonly actorId: string | null
  readonly credential: string
  readonly at: Instant
  readonly data: EventData
}

/** Where a page ended. */
export type EventPlace = { readonly seq: number; readonly id: string }
/** Everything that the reader sees, or of one project or task. */
export type Source =
  | { readonly of: 'all' }
  | { readonly of: 'project' | 'task'; readonly id: string }

/** Events that one request looks at, at most, where it wants those of a project or of some types. */
const LOOKED_AT = 2_000

const statements = perDialect((dialect) => {
  const { events } = dialect.t
  const shape = {
    id: events.id,
    seq: events.seq,
    type: events.type,
    entity: events.entity,
    entityId: events.entityId,
    projectId: events.projectId,
    taskId: events.taskId,
    actorId: events.actorId,
    credential: events.credential,
    at: events.at,
    data: events.data,
  }
  const forReader = forAllOrReader(events.userId)
  const byId = lt(events.id, value(events.id, 'placeId'))
  const bySeq = and(
    lte(events.seq, value(events.seq, 'placeSeq')),
    or(lt(events.seq, value(events.seq, 'placeSeq')), byId),
  )
  const everything = {
    where: canRead(events, forReader),
    behind: bySeq,
    order: [events.seq, events.id],
  }
  const sources = {
    all: { ...everything, among: undefined },
    // An index for it would cost every change more than these pages are worth.
    project: { ...everything, among: sql`project_id = ${value(events.projectId, 'of')}` },
    task: {
      where: canReadAmong(events, eq(events.taskId, value(events.taskId, 'of')), forReader),
      behind: byId,
      order: [events.id],
      among: undefined,
    },
  }
  /** In the order of an index of each source. */
  const made = ([of, continued]: readonly string[]) => {
    const { where, behind, order, among } = sources[of as Source['of']]
    const which = and(where, continued === 'behind' ? behind : undefined)
    const newest = order.map((column) => desc(column))
    const page = (which: SQL | undefined) =>
      query<StoredEvent>(
        dialect.q
          .select(shape)
          .from(events)
          .where(which)
          .orderBy(...newest)
          .limit(sql.placeholder('limit')) as never,
      )
    const window = dialect.q
      .select({ id: events.id, type: events.type, projectId: events.projectId })
      .from(events)
      .where(which)
      .orderBy(...newest)
      .limit(sql.raw(String(LOOKED_AT)) as never)
    // Found by their ids, not by another walk through the log. Wrapped, because MySQL takes no LIMIT in an IN.
    const looked = (...filters: (SQL | undefined)[]) => {
      const ids = sql`select id from (${window}) as looked where ${and(...filters)}`
      return page(canReadAmong(events, forReader, sql`${events.id} in (${ids})`))
    }
    return {
      all: among ? looked(among) : page(which),
      ofTypes: perSlots((slots) =>
        looked(among, sql`type in ${listOf(events.type, 'type', slots)}`),
      ),
      end: query<EventPlace>(
        dialect.q
          .select({ id: events.id, seq: events.seq })
          .from(events)
          .where(which)
          .orderBy(...newest)
          .limit(sql.raw('1') as never)
          .offset(sql.raw(String(LOOKED_AT - 1)) as never) as never,
      ),
    }
  }
  return {
    pages: perNames(made),
    byId: query<StoredEvent>(
      dialect.q
        .select(shape)
        .from(events)
        .where(canReadAmong(events, eq(events.id, value(events.id, 'id')), forReader)) as never,
    ),
  }
})

/** Undefined where it is gone, or the reader may not see it. */
export const eventById = (ctx: Ctx, id: string): Promise<StoredEvent | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

type Asked = {
  readonly types: readonly EventType[] | undefined
  readonly limit: number
  readonly place: EventPlace | undefined
}

/**
 * Up to `limit` events behind `place`. For a project or with `types` it looks at `LOOKED_AT` events and
 * no more: `stoppedAt` is the last of them, where there may be others behind it.
 */
export const pageOfEvents = async (
  ctx: Ctx,
  source: Source,
  { types, limit, place }: Asked,
): Promise<{ readonly events: StoredEvent[]; readonly stoppedAt?: EventPlace }> => {
  const { all, ofTypes, end } = statements(ctx.db).pages([source.of, place ? 'behind' : 'first'])
  const values = {
    reader: readerIdOf(ctx),
    ...(source.of !== 'all' && { of: source.id }),
    ...(place && { placeId: place.id, placeSeq: place.seq }),
  }
  const events = types
    ? await ctx.db.all(ofTypes(slotsFor(types.length)), {
        ...values,
        ...fillList('type', types),
        limit,
      })
    : await ctx.db.all(all, { ...values, limit })
  const isWhole = !types && source.of !== 'project'
  if (isWhole || events.length === limit) return { events }
  const stoppedAt = await ctx.db.one(end, values)
  if (!stoppedAt) return { events }
  // What was added since the page was read has moved the end: the next page begins behind it.
  return { events: events.filter((event) => !isBehind(source, event, stoppedAt)), stoppedAt }
}

/** Does a list in the order of its source have the event behind that place? */
const isBehind = ({ of }: Source, event: EventPlace, place: EventPlace): boolean =>
  of === 'task' || event.seq === place.seq ? event.id < place.id : event.seq < place.seq
