// A label as its row.
import type { Dialect } from '../../db/database.ts'

/**
 * Has no user's label: one that is being deleted has given up its name. A user has at most one such
 * label.
 */
export const NO_NAME = ''

export const shapeOf = ({ t: { labels } }: Dialect) => ({
  id: labels.id,
  name: labels.name,
  color: labels.color,
  created_at: labels.createdAt,
  updated_at: labels.updatedAt,
  rev: labels.rev,
})
