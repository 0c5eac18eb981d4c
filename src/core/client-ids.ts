// Ids that clients make, so that what they made offline can be sent again and again, and so that it
// can refer to each other before it is sent.
import { and, eq, sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { instantOf } from '../db/instant.ts'
import { compile, query, value, type Write, write } from '../db/statement.ts'
import type { Ctx } from './context.ts'
import { DomainError, invalid } from './errors.ts'
import { type OwnerId, readerIdOf } from './parties.ts'
import { sha256 } from './secrets.ts'
import { type Plan, retrying } from './unit-of-work.ts'
import { ofAccount } from './visibility.ts'
import { z } from './zod.ts'

/** The `id` of a request that makes something. */
export const NewId = z
  .uuidv7('An id that a client makes is a UUIDv7 (RFC 9562).')
  .toLowerCase()
  .openapi({
    format: 'uuid',
    example: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
    description:
      'A UUIDv7 that the client has made. The same request with the same id makes nothing again: it is answered 200, with what is there.',
  })

/** Clocks of clients may be ahead by this many milliseconds. */
const CLIENT_SKEW_MS = 5 * 60_000

/** Tables of what clients may make an id for. Each has a column `made_of`. */
type Kind = 'tasks' | 'projects' | 'labels'

/** What a request is about that may name the id of what it makes. */
export type Creation<I, R> = {
  readonly kind: Kind
  /** What the request means where it does not name a field: that is no part of its content. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** The caller's own thing of this id. */
  find(ctx: Ctx, id: string): Promise<R | undefined>
  readonly input: I & { readonly id?: string | undefined }
}

/** What a plan takes over where the client made the id. */
type Given = {
  readonly id: string
  readonly madeOf: string
  /** Touches no row where the owner has, or had, something of this id. To be a part of `mustTouch`. */
  guard(ownerId: OwnerId): Write
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, users } = t
  const rowOf = (kind: Kind) =>
    query<{ madeOf: string | null }>(
      q
        .select({ madeOf: t[kind].madeOf })
        .from(t[kind])
        .where(eq(t[kind].id, value(t[kind].id, 'id'))),
    )
  const logged = and(
    ofAccount(changes.readerId),
    eq(changes.entityId, value(changes.entityId, 'id')),
  )
  return {
    rows: { tasks: rowOf('tasks'), projects: rowOf('projects'), labels: rowOf('labels') },
    logged: query<{ entity: string }>(
      q.select({ entity: changes.entity }).from(changes).where(logged),
    ),
    expectUnused: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${eq(users.id, value(users.id, 'owner'))} and not exists (select 1 from ${changes} where ${logged})`,
        ),
    ),
  }
})

/**
 * The same for another user's id as for one's own that stands for something else, or did before it
 * was deleted.
 */
const idTaken = (): DomainError =>
  new DomainError('id_taken', 'This id cannot be used for something new. Make another one.', [
    { at: ['id'], code: 'taken', detail: 'This id cannot be used for something new.' },
  ])

/** The milliseconds since the epoch at which a UUIDv7 says that it was made. */
export const timeOfId = (id: string): number =>
  Number.parseInt(id.replace('-', '').slice(0, 12), 16)

/** Throws `invalid` for an instant of a client that is later than its clock could say. */
export const expectPast = (ctx: Ctx, field: string, ms: number): void => {
  if (ms > ctx.clock.now() + CLIENT_SKEW_MS)
    throw invalid({ at: [field], code: 'in_future', detail: `${field} lies in the future.` })
}

/** An instant that a client named, no later than the present. */
export const notAfter = (at: string, ms: number): string =>
  ms < Date.parse(at) ? instantOf(ms) : at

/**
 * The SHA-256 of what a request asks for: the same for requests that mean the same, and after a new
 * version has more fields.
 */
const contentOf = (
  input: object,
  defaults: Creation<unknown, unknown>['defaults'],
): Promise<string> => {
  const isEmpty = (given: unknown) =>
    given === undefined || /^(null|""|\[\]|\{\})$/.test(text(given))
  const said = Object.entries(input)
    .filter(([name, given]) => name !== 'id' && !isEmpty(given))
    .filter(([name, given]) => text(given) !== text(defaults[name]))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(JSON.stringify(said))
}
const text = (given: unknown): string => JSON.stringify(given) ?? ''

/** Things that a request found which an earlier one with the same id had made. */
const found = new WeakSet<object>()
/** Was it there before the request that asked for it? */
export const wasThere = (result: object): boolean => found.has(result)

type Decide<R> = (
  attempt: number,
  given: Given | undefined,
) => Promise<Plan<R> | { readonly unchanged: R }>

/**
 * As `retrying`, for what makes something whose id the client may have made: an earlier request
 * with this id and the same content has made it, and what is there now is answered. The first
 * attempt does not look whether there is one: the row's key refuses a second. Throws `id_taken`,
 * and what `decide` throws where nothing was made before.
 */
export const retryingOnce = <I extends object, R extends object>(
  ctx: Ctx,
  creation: Creation<I, R>,
  decide: Decide<R>,
): Promise<R> =>
  creation.input.id === undefined
    ? retrying(ctx, (attempt) => decide(attempt, undefined))
    : byId(ctx, creation, creation.input.id, decide)

const byId = async <I extends object, R extends object>(
  ctx: Ctx,
  creation: Creation<I, R>,
  id: string,
  decide: Decide<R>,
): Promise<R> => {
  expectPast(ctx, 'id', timeOfId(id))
  const madeOf = await contentOf(creation.input, creation.defaults)
  const { expectUnused } = statements(ctx.db)
  const given: Given = {
    id,
    madeOf,
    guard: (owner) => write(expectUnused, { owner, reader: owner as string, id }),
  }
  const look = () => before(ctx, creation, given)
  try {
    return await retrying(ctx, async (attempt) => {
      const there = attempt > 0 ? await look() : undefined
      return there ? { unchanged: there } : decide(attempt, given)
    })
  } catch (error) {
    // What the request refers to may have gone since it was done.
    const there = error instanceof DomainError && error.code !== 'id_taken' && (await look())
    if (there) return there
    throw error
  }
}

/** What an earlier request with this id has made. Throws `id_taken` where that was another one. */
const before = async <I, R extends object>(
  ctx: Ctx,
  { kind, find }: Creation<I, R>,
  { id, madeOf }: Given,
): Promise<R | undefined> => {
  const { rows, logged } = statements(ctx.db)
  const row = await ctx.db.one(rows[kind], { id })
  const own = row && (await find(ctx, id))
  if (
    row ? !own || row.madeOf !== madeOf : await ctx.db.one(logged, { reader: readerIdOf(ctx), id })
  )
    throw idTaken()
  if (own) found.add(own)
  return own
}
