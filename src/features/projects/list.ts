import type { Ctx } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import type { Project } from './schemas.ts'
import { pageOfProjects } from './store.ts'

/** The caller's projects by position. */
export const listProjects = async (
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Project>> => {
  const place = cursor === undefined ? undefined : placeOf('projects', cursor)
  return pageOf(
    'projects',
    await pageOfProjects(ctx, limit + 1, place),
    limit,
    ({ position, id }) => ({ key: position, id }),
  )
}
