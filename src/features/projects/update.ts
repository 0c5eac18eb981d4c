import { type Ctx, nowAfter } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { existingProject } from './get.ts'
import { projectUpdated } from './happened.ts'
import type { Project, ProjectPatch } from './schemas.ts'
import { updateProjectRow } from './store.ts'

/** Throws `not_found`, `precondition_failed`, `inbox` (the inbox cannot be archived). */
export const updateProject = (
  ctx: Ctx,
  { id, ifMatch, patch }: { id: string; ifMatch: Revisions; patch: ProjectPatch },
): Promise<Project> => {
  return retrying(ctx, async () => {
    const { project, parties } = await existingProject(ctx, id)
    expectRevision('project', ifMatch, project)
    const next = patched<Project>(project, patch)
    if (isUnchanged(project, next)) return { unchanged: project }
    if (next.inbox && next.archived) throw new DomainError('inbox', 'The inbox cannot be archived.')
    const revised = { ...next, updated_at: nowAfter(ctx, project.updated_at), rev: ctx.ids.next() }
    return {
      parties,
      writes: [updateProjectRow(ctx, project, revised)],
      changes: [{ entity: 'project', id, event: projectUpdated(project, revised) }],
      mustTouch: [0],
      result: revised,
    }
  })
}
