// How changes of many rows are done, chunk by chunk: each feature declares its own kinds.
import { isStorageFull } from '../db/portable.ts'
import { type BulkData, type OwnedBulk, proceedBulk } from './bulk-store.ts'
import type { Told } from './change-log.ts'
import type { Author, Ctx } from './context.ts'
import { DomainError } from './errors.ts'
import { partiesOf } from './parties.ts'
import { commit, type Plan } from './unit-of-work.ts'

/** Rows that one batch changes at most: about ten milliseconds of work for a database in a file. */
const ROWS = 250
export const chunkRows = (ctx: Ctx): number => ctx.bulk?.rows ?? ROWS

/**
 * What one chunk does. `next` is stored for the chunk behind it; undefined where this is the last
 * one.
 */
export type Chunk = Told & { readonly next: BulkData | undefined } & Pick<
    Plan<unknown>,
    'mustTouch' | 'grows' | 'room' | 'points'
  >

type Kind = {
  /** Reads what is left, at most `chunkRows` of it, and answers the writes that do it. */
  chunk(ctx: Ctx, running: OwnedBulk): Promise<Chunk>
  /**
   * Looks at why a chunk was refused, so that the next try of it leaves out what was: without this
   * such a refusal ends the request that does the chunk.
   */
  refused?(running: OwnedBulk, error: DomainError): void
  /**
   * Does it belong to a user who is deleted, and changes nothing that this user could still see?
   */
  readonly ofDeletedUser?: true
}
const kinds = new Map<string, Kind>()

/**
 * Declares how operations of this kind are done. Each feature declares its own where it is loaded.
 */
export const defineBulk = (kind: string, how: Kind): void => void kinds.set(kind, how)

/** The next chunk of an operation of this kind that another one runs as a part of itself. */
export const chunkWithin = (
  ctx: Ctx,
  running: OwnedBulk,
  { kind, data }: Pick<OwnedBulk, 'kind' | 'data'>,
): Promise<Chunk> => (kinds.get(kind) as Kind).chunk(ctx, { ...running, kind, data })

type ChunkOutcome = 'done' | 'stale' | 'finished'

/**
 * Does the next chunk of an operation. `stale` where others came before it, or where its next try
 * leaves out what was refused. Throws what the chunk throws, and `write_conflict`.
 */
export const nextChunk = async (ctx: Ctx, running: OwnedBulk): Promise<ChunkOutcome> => {
  const kind = kinds.get(running.kind)
  if (!kind)
    throw new DomainError(
      'write_conflict',
      'Another version of the service is in the middle of a change of this account.',
    )
  try {
    return await runChunk(ctx, kind, running)
  } catch (error) {
    if (!isStorageFull(error)) throw error
    // What is left of a full disk may do for a small chunk: deleting is how there is room again.
    return runChunk(
      { ...ctx, bulk: { ...ctx.bulk, rows: Math.ceil(chunkRows(ctx) / SMALL) } },
      kind,
      running,
    )
  }
}

/** A chunk of a full disk is so many times smaller. */
const SMALL = 16

const runChunk = async (work: Ctx, kind: Kind, running: OwnedBulk): Promise<ChunkOutcome> => {
  // Each chunk has an instant of its own: with that of the first one, who asks for what has changed since
  // then would miss those that are written later.
  const author = running.data['author'] as Author | undefined
  const ctx: Ctx = { ...work, author, moment: {} }
  const { writes, next, mustTouch = [], ...told } = await kind.chunk(ctx, running)
  const all = [proceedBulk(ctx, running, next), ...writes]
  const plan = {
    ...told,
    parties: partiesOf(running.ownerId),
    writes: all,
    mustTouch: [0, ...mustTouch.map((i) => i + 1)],
    chunk: true as const,
    result: 'done' as const,
  }
  const refusedChunk = (error: unknown): 'stale' => {
    if (!kind.refused || !(error instanceof DomainError)) throw error
    kind.refused(running, error)
    return 'stale'
  }
  const outcome = kind.ofDeletedUser
    ? await ctx.db.atomic(all, { mustTouch: [0], wide: true })
    : await commit(ctx, plan).catch(refusedChunk)
  if (outcome === 'stale') return 'stale'
  return next ? 'done' : 'finished'
}
