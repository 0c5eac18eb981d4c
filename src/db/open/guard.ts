/** Fails the batch, and with it everything in it, when the statement ahead of it touched no row. */
const GUARD = "select case when changes() = 0 then json('stale') end"

/** A batch with a guard behind each statement that must touch a row, and where the statements themselves are in it. */
export const guarded = <S>(statements: readonly S[], mustTouch: readonly number[]): { statements: (S | string)[]; positions: number[] } => {
  const all: (S | string)[] = []
  const positions = statements.map((statement, i) => {
    const at = all.push(statement) - 1
    if (mustTouch.includes(i)) all.push(GUARD)
    return at
  })
  return { statements: all, positions }
}
