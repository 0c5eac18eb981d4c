import type { Ctx } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import type { Project } from './schemas.ts'
import { findProject } from './store.ts'

/** The caller's project of this id. Throws `not_found`. */
export const existingProject = async (ctx: Ctx, id: string): Promise<Project> => {
  const project = await findProject(ctx, id)
  if (!project) throw notFound('project')
  return project
}

/** Throws `not_found`. */
export const getProject = (ctx: Ctx, id: string): Promise<Project> => {
  return existingProject(ctx, id)
}
