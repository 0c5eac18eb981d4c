import { type Creation, retryingOnce } from '../../core/client-ids.ts'
import { type Ctx, now } from '../../core/context.ts'
import { ownAccount } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { projectCreated } from './happened.ts'
import { type NewProject, type Project, projectDefaults } from './schemas.ts'
import { findProject, insertProject } from './store.ts'

/**
 * Makes a project behind all others that have kept the position they were made with. Throws
 * `quota_exceeded`, `id_taken`.
 */
export const createProject = (ctx: Ctx, input: NewProject): Promise<Project> => {
  const parties = ownAccount(ctx)
  return retryingOnce(ctx, creationOf(input), async (_attempt, given) => {
    const made = ctx.ids.next()
    const at = now(ctx)
    const project = {
      ...input,
      id: given?.id ?? made,
      position: newestPosition(made),
      inbox: false,
      created_at: at,
      updated_at: at,
      rev: ctx.ids.next(),
    }
    return {
      parties,
      writes: [
        insertProject(ctx, parties.ownerId, project, given?.madeOf),
        ...(given ? [given.guard(parties.ownerId)] : []),
      ],
      changes: [{ entity: 'project', id: project.id, event: projectCreated(project) }],
      mustTouch: given ? [1] : [],
      grows: { projects: 1 },
      result: project,
    }
  })
}

const creationOf = (input: NewProject): Creation<NewProject, Project> => ({
  kind: 'projects',
  defaults: projectDefaults,
  find: findProject,
  input,
})
