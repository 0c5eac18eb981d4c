// Makes tasks of a chunk of rows, in one batch with the step of the import.
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { type Plan, retrying } from '../../core/unit-of-work.ts'
import { instantOf } from '../../db/instant.ts'
import { insertProject, type Project } from '../projects/index.ts'
import {
  importPlan,
  type NewPlacement,
  newTaskState,
  type Placed,
  type Present,
  type Task,
} from '../tasks/index.ts'
import { type Chunk, chunkOf, parentFor, parentsOf, type Row, say, tasksIn } from './chunk.ts'
import { externalIdFor, seriesFor } from './fields-for.ts'
import { identify } from './ids.ts'
import { after, findJob, type Job, proceedTo, type State } from './job-store.ts'
import { HERE_BEFORE } from './order.ts'
import { positioned, type Standing } from './positions.ts'
import { addProject, newProject, planMore, projectNamed, spotForName } from './projects.ts'
import { Overtaken } from './read.ts'
import { placeRow, putNotes, type StoredRow } from './row-store.ts'
import type { Counts } from './schemas.ts'
import { shown } from './values.ts'

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
  const spot = await spotForName(ctx, projects, of.name, job)
  if (spot && 'here' in spot) return spot.here.id
  if (spot === undefined || room.projects === 0) {
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
  const project = newProject(ctx, spot.id, named)
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
    chunk.newLabels.push(name)
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

/** The clock of another service may be ahead by so much, in milliseconds. */
const AHEAD_MS = 24 * 60 * 60 * 1000

const placedTask = async (
  ctx: Ctx,
  chunk: Chunk,
  row: Row,
  placement: NewPlacement,
): Promise<Placed> => {
  const { left, ...series } = await seriesFor(chunk, row)
  return { placement, left, task: { ...taskOf(ctx, chunk, row, placement), ...series } }
}

const taskOf = (ctx: Ctx, chunk: Chunk, row: Row, { projectId, parentId }: NewPlacement): Task => {
  const { item, id } = row
  const at = now(ctx)
  const latest = instantOf(Date.parse(at) + AHEAD_MS)
  const past = (instant: string | null) => (instant !== null && instant > latest ? at : instant)
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
    deadline: item.deadline,
    estimate_minutes: item.estimate_minutes,
    url: item.url,
    external_id: externalIdFor(chunk, row, projectId),
    blocked_by: [],
    recurrence: null,
    labels: labelsFor(chunk, row),
    extra: { ...item.extra },
    ...newTaskState,
    position: item.position ?? '',
    created_by: actorIdOf(ctx),
    created_at: past(item.created_at ?? item.completed_at ?? item.deleted_at) ?? at,
    updated_at: at,
    completed_at: item.status === 'completed' ? (past(item.completed_at) ?? at) : null,
    deleted_at: past(item.deleted_at),
    rev: ctx.ids.next(),
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
    const standing: Standing[] = []
    for (const row of fresh) {
      if (standing.length === chunk.room.tasks) {
        say(chunk, row, 'quota', '', `You may own ${ctx.quotas.tasks} tasks.`)
        continue
      }
      const placement = await placementFor(ctx, chunk, row, parentFor(chunk, row, parents))
      standing.push({ row, placed: await placedTask(ctx, chunk, row, placement) })
    }
    const placed = await positioned(ctx, begun, standing)
    const { made, parties, lines, newLabels } = chunk
    const counts: Counts = {
      ...begun.counts,
      created: begun.counts.created + placed.length,
      unchanged: begun.counts.unchanged + identified.length - fresh.length,
      refused: begun.counts.refused + fresh.length - placed.length,
      projects: begun.counts.projects + made.length,
      labels: begun.counts.labels + newLabels.length,
    }
    const noted = putNotes(ctx, begun.id, counts, lines)
    const planned = begun.dryRun ? planMore(begun.state.planned, newLabels, made) : state.planned
    const next = after(ctx, begun, { counts: noted.counts, state: { ...state, planned } })
    const before = identified.flatMap(({ present, row: { number, level } }) =>
      present ? [placeRow(ctx, begun.id, { number, level, parent: HERE_BEFORE })] : [],
    )
    const report = [proceedTo(ctx, next), ...noted.writes, ...before]
    if (begun.dryRun) return { parties, writes: report, mustTouch: [0], wide: true, result: next }
    const plan = await importPlan(ctx, parties.ownerId, ofHere(placed, made), { trustSeen: false })
    const newProjects = made.map((project) => insertProject(ctx, parties.ownerId, project))
    const ahead = [...report, ...newProjects]
    return {
      parties,
      writes: [...ahead, ...plan.writes],
      mustTouch: [0, ...plan.mustTouch.map((at) => at + ahead.length)],
      changes: [
        ...made.map(({ id }) => ({ entity: 'project' as const, id, event: null })),
        ...plan.changes,
      ],
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
