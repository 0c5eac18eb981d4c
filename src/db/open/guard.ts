import { findNewer } from '../migrate.ts'

/** Fails the batch when the statement before it touched no row. */
const GUARD = "select case when changes() = 0 then json('stale') end"

/** Fails the batch when the ledger has a migration after `last` (see `isSupersededGuard`). */
const newerGuard = (last: string) =>
  `select case when exists (${findNewer(last)}) then json_extract('{}', 'superseded') end`

type Guarded = { readonly mustTouch: readonly number[]; readonly lastMigration: string | undefined }

/**
 * Adds a guard after each statement that must touch a row. `positions` are those of the statements
 * themselves.
 */
export const guarded = <S>(
  statements: readonly S[],
  { mustTouch, lastMigration }: Guarded,
): { statements: (S | string)[]; positions: number[] } => {
  const all: (S | string)[] = lastMigration === undefined ? [] : [newerGuard(lastMigration)]
  const positions = statements.map((statement, i) => {
    const at = all.push(statement) - 1
    if (mustTouch.includes(i)) all.push(GUARD)
    return at
  })
  return { statements: all, positions }
}
