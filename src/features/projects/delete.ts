import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { existingProject } from './get.ts'
import { removeProjectRows } from './store.ts'

/** Deletes a project; its tasks go to the trash. Throws `not_found`, `stale`, `inbox`. */
export const deleteProject = (ctx: Ctx, { id, ifMatch }: { id: string; ifMatch: Revisions }): Promise<void> => {
  allow(ctx.actor, 'deleteProject')
  return retrying(ctx, async () => {
    const project = await existingProject(ctx, id)
    expectRevision('project', ifMatch, project)
    if (project.inbox) throw new DomainError('inbox', 'The inbox cannot be deleted.')
    return {
      writes: [...removeProjectRows(ctx, project, now(ctx)), logChange(ctx, 'project', id, { gone: true })],
      mustTouch: [0],
      grows: { projects: -1 },
      result: undefined,
    }
  })
}
