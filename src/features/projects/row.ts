// A project as its row.
import type { Dialect } from '../../db/database.ts'

export const shapeOf = ({ t: { projects } }: Dialect) => ({
  id: projects.id,
  name: projects.name,
  color: projects.color,
  archived: projects.archived,
  position: projects.position,
  inbox: projects.inbox,
  created_at: projects.createdAt,
  updated_at: projects.updatedAt,
  rev: projects.rev,
})
