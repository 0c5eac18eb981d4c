import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import type { Project } from './schemas.ts'
import { findProject, findProjectToChange, type OwnedProject } from './store.ts'

/** A project to be changed, and whose it is. Throws `not_found`. */
export const existingProject = async (ctx: Ctx, id: string): Promise<OwnedProject> => {
  const owned = await findProjectToChange(ctx, id)
  if (!owned) throw notFound('project')
  return owned
}

/** The caller's project of this id. Throws `not_found`. */
export const getProject = async (ctx: Ctx, id: string): Promise<Project> => {
  const project = await findProject(ctx, id)
  if (!project) throw notFound('project')
  return project
}
