import { type Ctx, now } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { NewProject, Project } from './schemas.ts'
import { insertProject } from './store.ts'

/**
 * Makes a project behind all others that have kept the position they were made with. Throws
 * `quota_exceeded`.
 */
export const createProject = (ctx: Ctx, input: NewProject): Promise<Project> => {
  const parties = ownAccount(ctx)
  return retrying(ctx, async () => {
    const id = ctx.ids.next()
    const at = now(ctx)
    const project = {
      id,
      ...input,
      position: newestPosition(id),
      inbox: false,
      created_at: at,
      updated_at: at,
      rev: ctx.ids.next(),
    }
    return {
      parties,
      writes: [insertProject(ctx, parties.ownerId, project)],
      changes: [{ entity: 'project', id }],
      grows: { projects: 1 },
      result: project,
    }
  })
}
