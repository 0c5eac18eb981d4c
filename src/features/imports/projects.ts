// The projects that rows of a file name: those that are here, and those that are made for them.
import type { Ctx } from '../../core/context.ts'
import { now } from '../../core/context.ts'
import { newestPosition } from '../../core/position.ts'
import { fold } from '../../core/text.ts'
import { type Project, pageOfProjects } from '../projects/index.ts'
import { idFor } from './ids.ts'
import type { Planned } from './job-store.ts'
import type { ProjectItem, ProjectOf } from './row.ts'

const PAGE = 500

export type Projects = {
  readonly byId: Map<string, Project>
  readonly byName: Map<string, Project>
  readonly inbox: Project | undefined
}

const nameKey = (name: string): string => fold(name.normalize('NFC'))

/** Those that a dry run would have made, too. */
export const withPlanned = (
  ctx: Ctx,
  projects: Projects,
  { projects: planned }: Planned,
): Projects => {
  for (const { id, name } of planned)
    addProject(
      projects,
      newProject(ctx, id, { name, color: null, archived: false, position: null, created_at: null }),
    )
  return projects
}

/** The same with these. */
export const planMore = (
  { labels, projects }: Planned,
  moreLabels: readonly string[],
  moreProjects: readonly Project[],
): Planned => ({
  labels: [...labels, ...moreLabels],
  projects: [...projects, ...moreProjects.map(({ id, name }) => ({ id, name }))],
})

/** All projects of the caller. Of several of a name the first one counts that is not archived. */
export const projectsOf = async (ctx: Ctx): Promise<Projects> => {
  const found: Projects & { inbox: Project | undefined } = {
    byId: new Map(),
    byName: new Map(),
    inbox: undefined,
  }
  let page: Project[] = []
  do {
    const last = page.at(-1)
    page = await pageOfProjects(ctx, PAGE, last && { key: last.position, id: last.id })
    for (const project of page) {
      found.byId.set(project.id, project)
      if (project.inbox) found.inbox = project
      const key = nameKey(project.name)
      const other = found.byName.get(key)
      if (!project.inbox && (!other || (other.archived && !project.archived)))
        found.byName.set(key, project)
    }
  } while (page.length === PAGE)
  return found
}

/** The id of a project of a file, where that id is another's. */
export const otherProjectId = (ctx: Ctx, id: string): Promise<string> =>
  idFor(ctx, 'project', id, null)

/** The project that a row names; undefined where there is none yet. */
export const projectNamed = async (
  ctx: Ctx,
  { byId, byName }: Projects,
  of: NonNullable<ProjectOf>,
): Promise<Project | undefined> =>
  'name' in of
    ? byName.get(nameKey(of.name))
    : (byId.get(of.id) ?? byId.get(await otherProjectId(ctx, of.id)))

/** A project as it is when it is new. */
export const newProject = (
  ctx: Ctx,
  id: string,
  item: Pick<ProjectItem, 'name' | 'color' | 'archived' | 'position' | 'created_at'>,
): Project => {
  const at = now(ctx)
  return {
    id,
    name: item.name,
    color: item.color,
    archived: item.archived,
    position: item.position ?? newestPosition(ctx.ids.next()),
    inbox: false,
    created_at: item.created_at ?? at,
    updated_at: at,
    rev: ctx.ids.next(),
  }
}

/** Adds a project that the batch makes. */
export const addProject = ({ byId, byName }: Projects, project: Project): void => {
  byId.set(project.id, project)
  byName.set(nameKey(project.name), project)
}
