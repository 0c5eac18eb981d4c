import { retryingInChunks } from '../../core/bulk.ts'
import { chunkRows, defineBulk } from '../../core/bulk-kinds.ts'
import type { Ctx } from '../../core/context.ts'
import { newDeletion } from '../../core/deletion-instants.ts'
import { DomainError } from '../../core/errors.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { followProject, followTrashedProject } from '../blockers/index.ts'
import { existingProject } from './get.ts'
import { projectDeleted } from './happened.ts'
import { removeProjectRow } from './store.ts'
import { hasMany, trashTasks } from './tasks-of-project.ts'

/**
 * Deletes a project; its tasks go to the trash. Where there are many, the project is gone at once,
 * and its tasks follow in chunks. Throws `not_found`, `precondition_failed`, `inbox`,
 * `write_conflict`.
 */
export const deleteProject = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<void> => {
  return retryingInChunks(ctx, async () => {
    const { project, parties } = await existingProject(ctx, id)
    expectRevision('project', ifMatch, project)
    if (project.inbox) throw new DomainError('inbox', 'The inbox cannot be deleted.')
    const { at, guard } = await newDeletion(ctx, parties.ownerId)
    // Where there are many, what follows comes behind the last chunk.
    const follow = (await hasMany(ctx, id))
      ? undefined
      : await followProject(ctx, parties.ownerId, id)
    const large = follow === undefined
    const trashed = large ? undefined : trashTasks(ctx, id, at)
    const first = [guard, removeProjectRow(ctx, project), ...(follow?.guards ?? [])]
    return {
      parties,
      writes: [...first, ...(trashed?.writes ?? []), ...(follow?.writes ?? [])],
      changes: [
        ...(trashed?.changes ?? []),
        ...(follow?.changes ?? []),
        { entity: 'project', id, gone: true, event: projectDeleted(project) },
      ],
      mustTouch: first.map((_, i) => i),
      grows: { projects: -1 },
      result: undefined,
      alone: true,
      bulk: large ? { kind: KIND, targetId: id, data: { at } } : undefined,
    }
  })
}

const KIND = 'delete_project'

defineBulk(KIND, {
  // No task comes to a project that is gone, so that what is left becomes less.
  chunk: async (ctx, { data, targetId: project, ownerId }) => {
    const settled = data['settled'] as string | undefined
    if (settled !== undefined) {
      const { last, ...follow } = await followTrashedProject(ctx, ownerId, project, settled)
      return { ...follow, next: last === undefined ? undefined : { ...data, settled: last } }
    }
    const more = await hasMany(ctx, project)
    return {
      ...trashTasks(ctx, project, data['at'] as string, chunkRows(ctx)),
      next: more ? data : { ...data, settled: FIRST_ID },
    }
  },
})
