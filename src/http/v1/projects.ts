import { z } from '@hono/zod-openapi'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import {
  createProject,
  deleteProject,
  getProject,
  listProjects,
  NewProject,
  Project,
  ProjectPatch,
  updateProject,
} from '../../features/projects/index.ts'
import { created, list, noContent, resource } from '../result.ts'
import type { Api } from '../router.ts'

const tag = 'Projects'
const one = (description: string) =>
  ({ 200: { description, schema: Project, etag: true } }) as const

export const projectRoutes = (api: Api): void => {
  api.operation(
    {
      id: 'listProjects',
      method: 'get',
      path: '/projects',
      tag,
      summary: 'List projects',
      description: 'By position.',
      query: z.object(pageQuery).strict(),
      answers: {
        200: { description: 'A page of projects.', schema: pageSchema('ProjectPage', Project) },
      },
    },
    async ({ ctx, query, url }) => list(await listProjects(ctx, query), url),
  )

  api.operation(
    {
      id: 'createProject',
      method: 'post',
      path: '/projects',
      tag,
      summary: 'Make a project',
      body: NewProject,
      idempotent: true,
      answers: {
        201: { description: 'The new project, behind all others.', schema: Project, etag: true },
      },
    },
    ({ body, once }) =>
      once(
        (ctx) => createProject(ctx, body),
        (project) => created(project, `/api/v1/projects/${project.id}`),
      ),
  )

  api.operation(
    {
      id: 'getProject',
      method: 'get',
      path: '/projects/{id}',
      tag,
      summary: 'Read a project',
      answers: one('The project.'),
    },
    async ({ ctx, id }) => resource(await getProject(ctx, id)),
  )

  api.operation(
    {
      id: 'updateProject',
      method: 'patch',
      path: '/projects/{id}',
      tag,
      summary: 'Change a project',
      body: ProjectPatch,
      ifMatch: 'optional',
      answers: one('The changed project.'),
      refuses: ['inbox', 'quota_exceeded', 'write_conflict'],
    },
    async ({ ctx, id, ifMatch, body }) =>
      resource(await updateProject(ctx, { id, ifMatch, patch: body })),
  )

  api.operation(
    {
      id: 'deleteProject',
      method: 'delete',
      path: '/projects/{id}',
      tag,
      summary: 'Delete a project',
      description: 'Its tasks go to the trash.',
      ifMatch: 'optional',
      answers: { 204: { description: 'Deleted.' } },
      refuses: ['inbox', 'write_conflict'],
    },
    async ({ ctx, id, ifMatch }) => {
      await deleteProject(ctx, { id, ifMatch })
      return noContent
    },
  )
}
