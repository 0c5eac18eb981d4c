// The projects that rows of a file name: those that are here, and those that are made for them.
import type { Ctx } from '../../core/context.ts'
import { now } from '../../core/context.ts'
import { isId } from '../../core/ids.ts'
import { newestPosition } from '../../core/position.ts'
import { fold } from '../../core/text.ts'
import { type Project, pageOfProjects, takenProjectIds } from '../projects/index.ts'
import { idFor } from './ids.ts'
import type { Job, Planned } from './job-store.ts'
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

/**
 * Ids that are derived for one project of a file. One that was deleted keeps its id for a while, so
 * that the next import needs another one.
 */
const DERIVED = 10

type Naming = { readonly of: string; readonly key: string; readonly at: string | null }
const numbers = Array.from({ length: DERIVED }, (_, n) => n)
const derivedId = (ctx: Ctx, { of, key, at }: Naming, n: number): Promise<string> =>
  idFor(ctx, of, n === 0 ? key : `${key} ${n}`, at)
const derivedIds = (ctx: Ctx, naming: Naming): Promise<string[]> =>
  Promise.all(numbers.map((n) => derivedId(ctx, naming, n)))

/** A project that is here already, or the id that it gets; undefined where all are taken. */
type Spot = { readonly here: Project } | { readonly id: string } | undefined
const spotAmong = async (ctx: Ctx, { byId }: Projects, ids: readonly string[]): Promise<Spot> => {
  const here = ids.map((id) => byId.get(id)).find((project) => project !== undefined)
  if (here) return { here }
  const taken = await takenProjectIds(ctx, ids)
  const id = ids.find((one) => !taken.has(one))
  return id === undefined ? undefined : { id }
}

/**
 * Where a project of a file is here, or goes: it keeps its id, unless that is taken by another user's
 * or by a deleted one. One without an id is known by its name.
 */
export const spotFor = async (
  ctx: Ctx,
  projects: Projects,
  { id, key, name }: Pick<ProjectItem, 'id' | 'key' | 'name'>,
): Promise<Spot> => {
  const own = id !== null && isId(id) ? id : undefined
  const here = projects.byId.get(own ?? '')
  if (here) return { here }
  const named = id || key || `name ${name}`
  const others = await derivedIds(ctx, { of: 'project', key: named, at: null })
  return spotAmong(ctx, projects, own === undefined ? others : [own, ...others])
}

/**
 * The same of a project that rows of an import name. It is the one that this import has made, also
 * where its user has renamed it since.
 */
export const spotForName = async (
  ctx: Ctx,
  projects: Projects,
  name: string,
  { id, createdAt }: Pick<Job, 'id' | 'createdAt'>,
): Promise<Spot> =>
  spotAmong(
    ctx,
    projects,
    await derivedIds(ctx, { of: 'project name', key: `${name} ${id}`, at: createdAt }),
  )

/** The project that a row names; undefined where there is none yet. */
export const projectNamed = async (
  ctx: Ctx,
  { byId, byName }: Projects,
  of: NonNullable<ProjectOf>,
): Promise<Project | undefined> => {
  if ('name' in of) return byName.get(nameKey(of.name))
  const own = byId.get(of.id)
  if (own) return own
  const naming = { of: 'project', key: of.id, at: null }
  for (const n of numbers) {
    // One by one, because each task of the project asks, and the first one is it nearly always.
    const project = byId.get(await derivedId(ctx, naming, n))
    if (project) return project
  }
  return undefined
}

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
