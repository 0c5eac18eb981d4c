// A service whose large changes are cut into small chunks, and can be watched and cut off between
// two of them.
import { expect } from 'vitest'
import type { Database, Outcome } from '../../src/db/database.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { finishInterrupted } from '../../src/features/maintenance/index.ts'
import type { Opened } from './databases.ts'
import { createWorld, type User, type World } from './world.ts'

/** Rows of a chunk. */
export const ROWS = 4

const gone = (): Error =>
  Object.assign(new Error('the database went away'), { code: 'ECONNREFUSED' })

export type Chunked = {
  readonly world: World
  /** Whose batches ran since it was last asked, in their order. */
  order(): unknown[]
  /** The most rows that one write of a batch touched since it was last asked. */
  most(): number
  /** Lets this many more batches through; those behind them find no database. */
  cutOffAfter(batches: number): void
  /** Lets this many more batches through; before each behind them another change comes. */
  overtakeAfter(batches: number): void
  /** Runs `act` before the batch that follows behind this many others. */
  before(batches: number, act: () => Promise<unknown>): void
  /** What another process does, or this one after its restart. */
  finish(): Promise<void>
  rows(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

export const openChunked = async (open: () => Promise<Opened>): Promise<Chunked> => {
  const { db, close } = await open()
  let most = 0
  let order: unknown[] = []
  let left = Number.POSITIVE_INFINITY
  let first = Number.POSITIVE_INFINITY
  let due: { left: number; act: () => Promise<unknown> } | undefined
  const atomic: Database['atomic'] = async (writes, options): Promise<Outcome> => {
    if (due && due.left-- === 0) {
      const { act } = due
      due = undefined
      await act()
    }
    if (left-- <= 0) throw gone()
    if (first-- <= 0) return 'stale'
    const outcome = await db.atomic(writes, options)
    // Each batch of a user begins with the user's row.
    order.push((writes[0]?.values as { readonly id?: unknown } | undefined)?.id)
    if (outcome !== 'stale') most = Math.max(most, ...outcome)
    return outcome
  }
  const world = await createWorld({
    open: async () => ({ db: { ...db, atomic }, close }),
    bulk: { rows: ROWS },
  })
  return {
    world,
    order: () => {
      const seen = order
      order = []
      return seen
    },
    most: () => {
      const seen = most
      most = 0
      return seen
    },
    cutOffAfter: (batches) => {
      left = batches
    },
    overtakeAfter: (batches) => {
      first = batches
    },
    before: (batches, act) => {
      due = { left: batches, act }
    },
    finish: () => {
      left = Number.POSITIVE_INFINITY
      return finishInterrupted({ ...world.deps, quotas: world.deps.config.quotas }, { idleMs: 0 })
    },
    rows: async (sql) => {
      const columns =
        /^select (.*?) from/i
          .exec(sql)?.[1]
          ?.split(',')
          .map((name) => name.trim()) ?? []
      return world.deps.db.all(rawQuery<Record<string, unknown>>(sql, columns))
    },
    close,
  }
}

type Revised = { readonly id: string; readonly rev: string }

/** The change log of a user: the number of the last change of each thing. */
export const seqsOf = async (
  { rows }: Pick<Chunked, 'rows'>,
  { id }: Pick<User, 'id'>,
): Promise<Map<unknown, number>> => {
  const found = await rows(`select entity_id, seq from changes where reader_id = '${id}'`)
  return new Map(found.map(({ entity_id, seq }) => [entity_id, Number(seq)]))
}

/** Each task has another revision than `before`, and an entry in the change log since `seqs`. */
export const expectRevised = async <T extends Revised>(
  chunked: Pick<Chunked, 'rows'>,
  user: User,
  { before, seqs }: { readonly before: readonly T[]; readonly seqs: Map<unknown, number> },
): Promise<T[]> => {
  const after: T[] = await Promise.all(
    before.map(async ({ id }) => (await user.get(`/api/v1/tasks/${id}`)).body),
  )
  const seqsAfter = await seqsOf(chunked, user)
  const last = Math.max(...seqs.values())
  for (const [i, { id, rev }] of before.entries()) {
    expect(after[i]?.rev).not.toBe(rev)
    expect(seqsAfter.get(id)).toBeGreaterThan(last)
  }
  return after
}
