// Makes tasks of a chunk of rows, in one batch with the step of the import.
import { type Ctx, now } from '../../core/context.ts'
import { countsOf } from '../../core/counters.ts'
import { isId } from '../../core/ids.ts'
import { actorIdOf, type Parties } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { type Plan, retrying } from '../../core/unit-of-work.ts'
import { existingNames } from '../labels/index.ts'
import { insertProject, type Project } from '../projects/index.ts'
import {
  findPresent,
  importPlan,
  type NewPlacement,
  type Placed,
  type Present,
  placeNew,
  type Task,
} from '../tasks/index.ts'
import { type Identified, identify, idFor } from './ids.ts'
import { CUT_OFF, NO_PARENT } from './order.ts'
import { addProject, newProject, type Projects, projectNamed, projectsOf } from './projects.ts'
import { Overtaken } from './read.ts'
import type { Note, TaskItem } from './row.ts'
import type { Counts } from './schemas.ts'
import {
  after,
  findJob,
  type Job,
  proceedTo,
  putNotes,
  rowsNumbered,
  type State,
  type StoredRow,
} from './store.ts'
import { note, shown } from './values.ts'

type Given = { readonly row: StoredRow; readonly item: TaskItem; readonly format: string }
type Row = Identified<Given>
type About = { readonly row: number; readonly title: string }

/** What is known of where the tasks go, and what was decided of it so far. */
type Chunk = {
  readonly job: Job
  readonly parties: Parties
  readonly inbox: string
  readonly projects: Projects
  /** New projects. */
  readonly made: Project[]
  /** How many more of each the user may have. */
  readonly room: { tasks: number; projects: number; labels: number }
  /** Labels that are here, or are made with these tasks. */
  readonly labels: Set<string>
  readonly lines: [About, Note][]
}

const tasksIn = (format: string, rows: readonly StoredRow[]): Given[] =>
  rows.flatMap((row) => {
    const { item } = row.data
    return item.kind === 'task' ? [{ row, item, format }] : []
  })

/** The tasks that rows are a part of, by the number of their row or by the key that names them. */
const parentsOf = async (ctx: Ctx, job: Job, given: readonly Given[]) => {
  const numbers = given.map(({ row }) => row.parent).filter((number) => number >= 0)
  const above = await identify(ctx, tasksIn(job.format, await rowsNumbered(ctx, job.id, numbers)))
  const keys = given.flatMap(({ row, item }) =>
    row.parent === NO_PARENT && item.parent !== null && isId(item.parent) ? [item.parent] : [],
  )
  return {
    byNumber: new Map(above.map(({ row, present }) => [row.number, present])),
    byKey: await findPresent(ctx, keys),
  }
}
type Parents = Awaited<ReturnType<typeof parentsOf>>

const say = (
  { lines }: Chunk,
  { row }: Given,
  code: string,
  field: string,
  detail: string,
): void => {
  lines.push([{ row: row.data.row, title: row.data.title }, note(code, field, detail)])
}

const parentFor = (chunk: Chunk, row: Row, parents: Parents): Present | undefined => {
  const { item } = row
  if (item.parent === null || row.row.parent === CUT_OFF) return undefined
  const parent =
    row.row.parent >= 0 ? parents.byNumber.get(row.row.parent) : parents.byKey.get(item.parent)
  if (!parent) {
    say(
      chunk,
      row,
      'no_parent',
      'parent',
      'What it is a part of is neither in the file nor here; it stands alone.',
    )
    return undefined
  }
  if (parent.trashed && item.deleted_at === null) {
    say(
      chunk,
      row,
      'parent_in_trash',
      'parent',
      'What it is a part of is in the trash here; it stands alone.',
    )
    return undefined
  }
  return parent
}

/** The project of a task that is a part of none, made where it is missing. */
const projectFor = async (ctx: Ctx, chunk: Chunk, row: Row): Promise<string> => {
  const { job, projects, room } = chunk
  const of = row.item.project ?? (job.project === '' ? null : { name: job.project })
  if (of === null) return chunk.inbox
  const found = await projectNamed(ctx, projects, of)
  if (found) return found.id
  if ('id' in of) {
    say(
      chunk,
      row,
      'no_project',
      'project_id',
      'Its project is not in the file, or could not be made; it is in the inbox.',
    )
    return chunk.inbox
  }
  if (room.projects === 0) {
    say(
      chunk,
      row,
      'quota',
      'project',
      `There is no room for the project ${shown(of.name)}; it is in the inbox.`,
    )
    return chunk.inbox
  }
  room.projects--
  const named = { name: of.name, color: null, archived: false, position: null, created_at: null }
  const id = await idFor(ctx, 'project name', `${of.name} ${job.id}`, job.createdAt)
  const project = newProject(ctx, id, named)
  chunk.made.push(project)
  addProject(projects, project)
  return project.id
}

const labelsFor = (chunk: Chunk, row: Row): string[] =>
  row.item.labels.filter((name) => {
    if (chunk.labels.has(name)) return true
    if (chunk.room.labels === 0) {
      say(chunk, row, 'quota', 'labels', `There is no room for the label ${shown(name)}.`)
      return false
    }
    chunk.room.labels--
    chunk.labels.add(name)
    return true
  })

const placementFor = async (
  ctx: Ctx,
  chunk: Chunk,
  row: Row,
  parent: Present | undefined,
): Promise<NewPlacement> => {
  const { parties, inbox, projects } = chunk
  const parentProject = parent && (projects.byId.has(parent.projectId) ? parent.projectId : inbox)
  const projectId = parentProject ?? (await projectFor(ctx, chunk, row))
  return { parties, projectId, parentId: parent?.id ?? null, inbox: projectId === inbox }
}

/** Where it stands among the others of the file, behind what is here already. */
const positionOf = (job: Job, number: number): string =>
  `${newestPosition(job.id)}${number.toString(36).padStart(5, '0')}V`

const taskOf = (ctx: Ctx, chunk: Chunk, row: Row, { projectId, parentId }: NewPlacement): Task => {
  const { item, id } = row
  const at = now(ctx)
  const past = (instant: string | null) => (instant !== null && instant > at ? at : instant)
  return {
    id,
    project_id: projectId,
    parent_id: parentId,
    title: item.title,
    description: item.description,
    status: item.status,
    priority: item.priority,
    start: item.start,
    due: item.due,
    labels: labelsFor(chunk, row),
    extra: { ...item.extra },
    position: item.position ?? positionOf(chunk.job, row.row.number),
    created_by: actorIdOf(ctx),
    created_at: past(item.created_at) ?? at,
    updated_at: at,
    completed_at: item.status === 'completed' ? (past(item.completed_at) ?? at) : null,
    deleted_at: past(item.deleted_at),
    rev: ctx.ids.next(),
  }
}

const chunkOf = async (ctx: Ctx, job: Job, given: readonly Given[]): Promise<Chunk> => {
  const { parties, projectId } = await placeNew(ctx, {})
  const projects = await projectsOf(ctx)
  const used = await countsOf(ctx, parties.ownerId)
  const room = (what: 'tasks' | 'projects' | 'labels') =>
    Math.max(0, ctx.quotas[what] - (used?.[what] ?? 0))
  const names = [...new Set(given.flatMap(({ item }) => item.labels))]
  const labels = new Set<string>()
  for (let at = 0; at < names.length; at += 64)
    for (const name of await existingNames(ctx, parties.ownerId, names.slice(at, at + 64)))
      labels.add(name)
  return {
    job,
    parties,
    inbox: projectId,
    projects,
    made: [],
    room: { tasks: room('tasks'), projects: room('projects'), labels: room('labels') },
    labels,
    lines: [],
  }
}

export type Written = { readonly rows: readonly StoredRow[]; readonly state: State }

/**
 * Makes those of these tasks that are not here yet. Answers the import after this step. Throws
 * Overtaken, `quota_exceeded`.
 */
export const writeTasks = (ctx: Ctx, begun: Job, { rows, state }: Written): Promise<Job> =>
  retrying(ctx, async (attempt): Promise<Plan<Job>> => {
    if (attempt > 0 && (await findJob(ctx, begun.id))?.step !== begun.step) throw new Overtaken()
    const given = tasksIn(begun.format, rows)
    const chunk = await chunkOf(ctx, begun, given)
    const identified = await identify(ctx, given)
    const parents = await parentsOf(ctx, begun, given)
    const fresh = identified.filter(({ present }) => !present)
    const placed: Placed[] = []
    for (const row of fresh) {
      if (placed.length === chunk.room.tasks) {
        say(chunk, row, 'quota', '', `You may own ${ctx.quotas.tasks} tasks.`)
        continue
      }
      const placement = await placementFor(ctx, chunk, row, parentFor(chunk, row, parents))
      placed.push({ placement, task: taskOf(ctx, chunk, row, placement) })
    }
    const { made, parties, lines } = chunk
    const plan = await importPlan(ctx, parties.ownerId, ofHere(placed, made), { trustSeen: false })
    const counts: Counts = {
      ...begun.counts,
      created: begun.counts.created + placed.length,
      unchanged: begun.counts.unchanged + identified.length - fresh.length,
      refused: begun.counts.refused + fresh.length - placed.length,
      projects: begun.counts.projects + made.length,
      labels: begun.counts.labels + (plan.grows.labels ?? 0),
    }
    const noted = putNotes(ctx, begun.id, counts, lines)
    const next = after(ctx, begun, { counts: noted.counts, state })
    const report = [proceedTo(ctx, next), ...noted.writes]
    if (begun.dryRun) return { parties, writes: report, mustTouch: [0], wide: true, result: next }
    const newProjects = made.map((project) => insertProject(ctx, parties.ownerId, project))
    const ahead = [...report, ...newProjects]
    return {
      parties,
      writes: [...ahead, ...plan.writes],
      mustTouch: [0, ...plan.mustTouch.map((at) => at + ahead.length)],
      changes: [...made.map(({ id }) => ({ entity: 'project' as const, id })), ...plan.changes],
      grows: { ...plan.grows, ...(made.length > 0 && { projects: made.length }) },
      wide: true,
      result: next,
    }
  })

/** What is in a project of the same batch relies on no other. */
const ofHere = (placed: readonly Placed[], made: readonly Project[]): Placed[] =>
  placed.map((one) =>
    made.some(({ id }) => id === one.placement.projectId)
      ? { ...one, placement: { ...one.placement, inbox: true } }
      : one,
  )
