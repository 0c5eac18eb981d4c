// Which projects a statement is about. A deleted project stays as a row, which no statement shows.
import { eq, type SQL } from 'drizzle-orm'
import { canRead, canWrite } from '../../core/visibility.ts'
import type { Dialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { value } from '../../db/statement.ts'

type Further = readonly (SQL | undefined)[]

/** The conditions of present projects: bind `id` for `byId`, and what `canRead` and `canWrite` ask. */
export const conditionsOf = (dialect: Dialect) => {
  const { projects } = dialect.t
  const self = { ownerId: projects.ownerId, projectId: projects.id }
  const present = eq(projects.gone, literal(dialect, false))
  return {
    present,
    readable: (...further: Further) => canRead(self, present, ...further),
    writable: (...further: Further) => canWrite(self, present, ...further),
    byId: eq(projects.id, value(projects.id, 'id')),
  }
}
