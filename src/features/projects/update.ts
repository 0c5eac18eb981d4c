import { allow } from '../../core/access.ts'
import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { existingProject } from './get.ts'
import type { Project, ProjectPatch } from './schemas.ts'
import { updateProjectRow } from './store.ts'

const isSame = (a: Project, b: Project): boolean =>
  a.name === b.name && a.color === b.color && a.archived === b.archived && a.position === b.position

/** Throws `not_found`, `precondition_failed`, `inbox` (the inbox cannot be archived). */
export const updateProject = (
  ctx: Ctx,
  { id, ifMatch, patch }: { id: string; ifMatch: Revisions; patch: ProjectPatch },
): Promise<Project> => {
  allow(ctx.actor, 'updateProject')
  return retrying(ctx, async () => {
    const { project, parties } = await existingProject(ctx, id)
    expectRevision('project', ifMatch, project)
    const next: Project = { ...project, ...defined(patch) }
    if (isSame(project, next)) return { unchanged: project }
    if (next.inbox && next.archived) throw new DomainError('inbox', 'The inbox cannot be archived.')
    const revised = { ...next, updated_at: now(ctx), rev: ctx.ids.next() }
    return {
      parties,
      writes: [updateProjectRow(ctx, project, revised)],
      changes: [{ entity: 'project', id }],
      mustTouch: [0],
      result: revised,
    }
  })
}

/** A patch names what it changes; a field that is merely undefined changes nothing. */
const defined = (patch: ProjectPatch): Partial<Project> =>
  Object.fromEntries(Object.entries(patch).filter(([, given]) => given !== undefined))
