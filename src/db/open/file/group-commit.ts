// Group commit: batches that arrive in one turn of the event loop share a transaction. If one of
// them fails or is stale, they run again, each in a savepoint, so that only that one is undone.
import type { Outcome } from '../../database.ts'
import { isStorageFull } from '../../portable.ts'
import type { Batch, Transactions } from './transactions.ts'

/**
 * Milliseconds after which a group takes no more batches: all other requests wait meanwhile, and
 * each batch may change hundreds of rows.
 */
const GROUP_MS = 10

export type Result = { readonly outcome: Outcome } | { readonly failure: unknown }

/**
 * Commits the first batches of a group, at least one and no more than there is time for. Returns
 * their results. Throws what fails the whole group.
 */
export const commitGroup = (transactions: Transactions, group: readonly Batch[]): Result[] =>
  runTogether(transactions, group) ?? runApart(transactions, group)

function* inTime(group: readonly Batch[]): Generator<Batch> {
  const began = performance.now()
  for (const batch of group) {
    yield batch
    if (performance.now() - began > GROUP_MS) return
  }
}

/** Undoes everything and returns undefined if one of the batches fails or is stale. */
const runTogether = (transactions: Transactions, group: readonly Batch[]): Result[] | undefined => {
  transactions.begin()
  try {
    transactions.expectCurrent()
    const outcomes: Outcome[] = []
    for (const batch of inTime(group)) {
      outcomes.push(transactions.run(batch))
      if (outcomes.at(-1) === 'stale') break
    }
    if (outcomes.at(-1) !== 'stale') {
      transactions.commit()
      return outcomes.map((outcome) => ({ outcome }))
    }
  } catch {} // `runApart` finds out which one failed, and why
  transactions.rollback()
  return undefined
}

const runApart = (transactions: Transactions, group: readonly Batch[]): Result[] => {
  transactions.begin()
  transactions.expectCurrent()
  const results = Array.from(inTime(group), (batch) => runInSavepoint(transactions, batch))
  transactions.commit()
  return results
}

const runInSavepoint = (transactions: Transactions, batch: Batch): Result => {
  const { savepoint } = transactions
  savepoint.begin()
  try {
    const outcome = transactions.run(batch)
    if (outcome === 'stale') savepoint.undo()
    savepoint.release()
    return { outcome }
  } catch (failure) {
    // A full disk may undo the whole transaction.
    if (isStorageFull(failure)) throw failure
    savepoint.undo()
    savepoint.release()
    return { failure }
  }
}

export const rowsTouched = (results: readonly Result[]): number => {
  let rows = 0
  for (const result of results)
    if ('outcome' in result && result.outcome !== 'stale')
      for (const touched of result.outcome) rows += touched
  return rows
}
