// Instants of tasks with a time zone are derived from their wall clocks when they are written. Here
// they are derived again, when the time zone data has changed since.
import { eq, gt, gte, or, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { isWithin } from '../../core/clock.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { type Lease, withLease } from '../../core/lease.ts'
import { accountIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { lockUser } from '../../core/stored-bytes.ts'
import { isTimeZone, ZONE_IS_UNKNOWN } from '../../core/time-zones.ts'
import { ownedBy } from '../../core/visibility.ts'
import { instantIn } from '../../core/wall-clock.ts'
import type { ZoneData } from '../../core/zone-data.ts'
import { perDialect } from '../../db/database.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { rederiveOf } from './reminder-instants.ts'
import { forEachUser, type SystemContext } from './users.ts'
import { lookFrom, noteDerived, noteSeen, readKnown } from './zone-data.ts'

const NAME = 'instants'
const DAY = 24 * 60 * 60 * 1000
/** A process says this often that it runs, at most. */
const NOTED_MS = 30 * 60 * 1000
/** What is past stays as it is. A wall clock is up to a day ahead of its instant, or behind it. */
const PAST_MS = 2 * DAY
/** Rows of one user that are looked at together. */
const PAGE = 500

type Row = {
  readonly id: string
  readonly updatedAt: Instant
  readonly startWall: string
  readonly startZone: string | null
  readonly startAt: Instant | null
  readonly dueWall: string
  readonly dueZone: string | null
  readonly dueAt: Instant | null
}

const statements = perDialect(({ q, t: { tasks } }) => {
  const at = value(tasks.updatedAt, 'at')
  // Not by its revision: a change of something else is no reason to leave it out.
  const still = (wall: typeof tasks.dueWall, zone: typeof tasks.dueZone) =>
    ownedBy(
      tasks.ownerId,
      eq(tasks.id, value(tasks.id, 'id')),
      eq(wall, value(wall, 'wall')),
      eq(zone, value(zone, 'zone')),
    )
  return {
    page: query<Row>(
      q
        .select({
          id: tasks.id,
          updatedAt: tasks.updatedAt,
          startWall: tasks.startWall,
          startZone: tasks.startZone,
          startAt: tasks.startAt,
          dueWall: tasks.dueWall,
          dueZone: tasks.dueZone,
          dueAt: tasks.dueAt,
        })
        .from(tasks)
        .where(
          ownedBy(
            tasks.ownerId,
            eq(tasks.trashed, value(tasks.trashed, 'trashed')),
            gte(tasks.updatedAt, at),
            or(gt(tasks.updatedAt, at), gt(tasks.id, value(tasks.id, 'after'))),
          ),
        )
        .orderBy(tasks.updatedAt, tasks.id)
        .limit(sql.placeholder('limit')),
    ),
    due: compile(
      q
        .update(tasks)
        .set(placeholders(['dueAt']))
        .where(still(tasks.dueWall, tasks.dueZone)),
    ),
    start: compile(
      q
        .update(tasks)
        .set(placeholders(['startAt']))
        .where(still(tasks.startWall, tasks.startZone)),
    ),
  }
})

type Options = {
  /** What this runtime calculates with. */
  readonly zoneData: ZoneData
  /** Is it the first time since this process has started? */
  readonly starting: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * To be called at the start and every hour by each process: of all on the database, one with the
 * newest time zone data derives instants that are to come again, where they were derived with
 * others. Answers about tasks stay the same, so they keep their revision, and the change log says
 * nothing of them. Throws LeaseLost.
 */
export const deriveInstants = async (
  ctx: Omit<Ctx, 'actor'>,
  { zoneData: mine, starting, signal }: Options,
): Promise<void> => {
  const now = ctx.clock.now()
  const known = await readKnown(ctx)
  if (!isWithin(NOTED_MS, known.seen.get(mine.id) ?? Number.NEGATIVE_INFINITY, now))
    await ctx.db.atomic([noteSeen(ctx, mine, now)])
  if (lookFrom(known, { mine, now, starting }) === undefined) return
  const work = async (lease: Lease): Promise<void> => {
    const from = lookFrom(await readKnown(ctx), { mine, now, starting })
    if (from === undefined) return
    const tally: Tally = { tasks: 0, reminders: 0, unknown: new Map(), failed: false }
    await deriveAll({ ...ctx, lease, signal }, { from, now, tally })
    tell(ctx, mine, tally)
    if (!tally.failed) await lease.atomic([noteDerived(ctx, mine, now)])
  }
  await withLease(ctx, NAME, { work, signal })
}

type Tally = {
  tasks: number
  reminders: number
  readonly unknown: Map<string, number>
  failed: boolean
}
type Look = { readonly from: number; readonly now: number; readonly tally: Tally }

const tell = (
  { log }: Pick<Ctx, 'log'>,
  { id }: ZoneData,
  { tasks, reminders, unknown }: Tally,
): void => {
  if (tasks + reminders > 0)
    log.info('instants were derived again, with other time zone data', {
      zone_data: id,
      tasks,
      reminders,
    })
  for (const [zone, count] of unknown)
    log.warning(ZONE_IS_UNKNOWN, { time_zone: zone, tasks: count })
}

type LeasedCtx = SystemContext & { readonly lease: Lease }

const deriveAll = (ctx: LeasedCtx, look: Look): Promise<void> =>
  forEachUser(ctx, {
    act: async (of) => {
      try {
        for (const trashed of [false, true]) await deriveOf(of, trashed, look)
        look.tally.reminders += await rederiveOf(of)
      } catch (error) {
        look.tally.failed = true
        throw error
      }
    },
    failure: 'the instants of the tasks of a user could not be derived again',
  })

const deriveOf = async (
  ctx: LeasedCtx & Ctx,
  trashed: boolean,
  { from, now, tally }: Look,
): Promise<void> => {
  const owner = accountIdOf(ctx)
  const oldest = instantOf(now - PAST_MS).slice(0, 19)
  let place: { at: Instant; after: string } | undefined = { at: instantOf(from), after: FIRST_ID }
  while (place !== undefined) {
    const values = { owner, trashed, ...place, limit: PAGE }
    const rows: Row[] = await inTurn(ctx, () => ctx.db.all(statements(ctx.db).page, values))
    const fixes = rows.flatMap((row) => fixesOf(ctx, row, { oldest, tally }))
    for (const some of slices(fixes, chunkRows(ctx)))
      await inTurn(ctx, () => ctx.lease.atomic([lockUser(ctx, owner), ...some]))
    tally.tasks += fixes.length
    const last = rows.at(-1)
    place = last && rows.length === PAGE ? { at: last.updatedAt, after: last.id } : undefined
    await ctx.lease.beat()
  }
}

type Judged = { readonly oldest: string; readonly tally: Tally }

const fixesOf = (ctx: Ctx, row: Row, judged: Judged): Write[] => {
  const { due, start } = statements(ctx.db)
  const { id, dueWall, dueZone, dueAt, startWall, startZone, startAt } = row
  const owner = accountIdOf(ctx)
  const [dueFix, startFix] = [
    derived(dueWall, dueZone, dueAt, judged),
    derived(startWall, startZone, startAt, judged),
  ]
  return [
    ...(dueFix ? [write(due, { owner, id, wall: dueWall, zone: dueZone, dueAt: dueFix })] : []),
    ...(startFix
      ? [write(start, { owner, id, wall: startWall, zone: startZone, startAt: startFix })]
      : []),
  ]
}

/** The instant that a wall clock has now, where it is another one than is stored. */
const derived = (
  wall: string,
  zone: string | null,
  at: Instant | null,
  { oldest, tally }: Judged,
): Instant | undefined => {
  if (zone === null || wall < oldest) return undefined
  if (!isTimeZone(zone)) {
    // Its instant stays: a runtime that knows the zone has derived it.
    tally.unknown.set(zone, (tally.unknown.get(zone) ?? 0) + 1)
    return undefined
  }
  const instant = instantIn(wall, zone)
  return instant === at ? undefined : instant
}
