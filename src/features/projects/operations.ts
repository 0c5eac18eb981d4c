import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { createProject } from './create.ts'
import { deleteProject } from './delete.ts'
import { getProject } from './get.ts'
import { listProjects } from './list.ts'
import { NewProject, Project, ProjectPatch } from './schemas.ts'
import { updateProject } from './update.ts'

const read = withScope('projects:read')
const write = withScope('projects:write')
const project = (description: string) => ({ description, schema: Project })

export const projectOperations = [
  defineOperation({
    id: 'listProjects',
    summary: 'List projects',
    description: 'By position.',
    access: read,
    query: z.object(pageQuery).strict(),
    output: { description: 'A page of projects.', schema: pageSchema('ProjectPage', Project) },
    run: (ctx, { query }) => listProjects(ctx, query),
  }),
  defineOperation({
    id: 'createProject',
    summary: 'Make a project',
    access: write,
    body: NewProject,
    idempotent: true,
    output: project('The new project, behind all others.'),
    run: (ctx, { body }) => createProject(ctx, body),
  }),
  defineOperation({
    id: 'getProject',
    summary: 'Read a project',
    access: read,
    takesId: true,
    output: project('The project.'),
    run: (ctx, { id }) => getProject(ctx, id),
  }),
  defineOperation({
    id: 'updateProject',
    summary: 'Change a project',
    access: write,
    takesId: true,
    body: ProjectPatch,
    ifMatch: 'optional',
    output: project('The changed project.'),
    refuses: ['inbox', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { id, ifMatch, body }) => updateProject(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteProject',
    summary: 'Delete a project',
    description: 'Its tasks go to the trash.',
    access: write,
    takesId: true,
    ifMatch: 'optional',
    output: { description: 'Deleted.' },
    refuses: ['inbox', 'write_conflict'],
    run: (ctx, { id, ifMatch }) => deleteProject(ctx, { id, ifMatch }),
  }),
] as const
