// Things as a reader sees them now that the reader's change log tells of.
import { eq, type SQL } from 'drizzle-orm'
import type { Dialect } from '../db/database.ts'
import { value } from '../db/statement.ts'
import { type Entity, type LogEntry, logWindow } from './change-log.ts'
import type { Ctx } from './context.ts'
import { type ReaderId, readerIdOf } from './parties.ts'
import { ofAccount } from './visibility.ts'

/** A stretch of a change log: behind the one entry, up to the other. */
export type Stretch = { readonly behind: LogEntry; readonly last: LogEntry }

/** Conditions on a query of the change log, joined with what it tells of: bind `stretchOf`. */
export const inStretch = (dialect: Dialect): SQL => {
  const { changes } = dialect.t
  const { behind, upToEntry } = logWindow(dialect)
  const ofKind = eq(changes.entity, value(changes.entity, 'entity'))
  return ofAccount(changes.readerId, behind, upToEntry, ofKind)
}

type Bound = {
  readonly reader: ReaderId
  readonly entity: Entity
  readonly seq: number
  readonly id: string
  readonly upTo: number
  readonly lastId: string
}
export const stretchOf = (ctx: Ctx, entity: Entity, { behind, last }: Stretch): Bound => ({
  reader: readerIdOf(ctx),
  entity,
  ...behind,
  upTo: last.seq,
  lastId: last.id,
})
