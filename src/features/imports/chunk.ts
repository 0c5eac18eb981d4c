// What a chunk of rows needs to know of what is here already: the parents of its tasks, and what
// there is room for.
import type { Ctx } from '../../core/context.ts'
import { countsOf } from '../../core/counters.ts'
import { isId } from '../../core/ids.ts'
import type { Parties } from '../../core/parties.ts'
import { existingNames } from '../labels/index.ts'
import type { Project } from '../projects/index.ts'
import {
  ancestries,
  findKnown,
  findPresent,
  MAX_LEVELS,
  type Present,
  placeNew,
} from '../tasks/index.ts'
import { type Identified, identify } from './ids.ts'
import type { Job } from './job-store.ts'
import { CUT_OFF, NO_PARENT, tooDeep } from './order.ts'
import { type Projects, projectsOf, withPlanned } from './projects.ts'
import type { Note, TaskItem } from './row.ts'
import { rowsNumbered, type StoredRow } from './row-store.ts'
import { note } from './values.ts'

export type Given = { readonly row: StoredRow; readonly item: TaskItem; readonly format: string }
export type Row = Identified<Given>
type About = { readonly row: number; readonly title: string }

/** What is known of where the tasks go, and what was decided of it so far. */
export type Chunk = {
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
  /** Those of them that are made. */
  readonly newLabels: string[]
  /** External ids that tasks have, or get with these, behind the ids of their projects. */
  readonly externalIds: Set<string>
  readonly lines: [About, Note][]
}

export const tasksIn = (format: string, rows: readonly StoredRow[]): Given[] =>
  rows.flatMap((row) => {
    const { item } = row.data
    return item.kind === 'task' ? [{ row, item, format }] : []
  })

/**
 * The tasks that rows are a part of, by the number of their row or by the key that names them. The
 * order of a file knows the levels of the file alone: what stands below a task that was here before may
 * be too deep, and is a part of what is above that one.
 */
export const parentsOf = async (ctx: Ctx, job: Job, given: readonly Given[]) => {
  const numbers = given.map(({ row }) => row.parent).filter((number) => number >= 0)
  const above = await identify(ctx, tasksIn(job.format, await rowsNumbered(ctx, job.id, numbers)))
  const keys = given.flatMap(({ row, item }) =>
    row.parent === NO_PARENT && item.parent !== null && isId(item.parent) ? [item.parent] : [],
  )
  const byNumber = new Map(above.map(({ row, present }) => [row.number, present]))
  const byKey = await findPresent(ctx, keys)
  const all = [...byNumber.values(), ...byKey.values()]
  const lines = await ancestries(
    ctx,
    all.flatMap((parent) => parent?.id ?? []),
  )
  const full = [...lines].filter(([, { length }]) => length >= MAX_LEVELS)
  const others = await findPresent(
    ctx,
    full.flatMap(([, [, other]]) => other ?? []),
  )
  return {
    byNumber,
    byKey,
    /** Of those that stand at the last level: what they are a part of. */
    insteadOf: new Map(full.map(([id, [, other]]) => [id, others.get(other ?? '')])),
  }
}
type Parents = Awaited<ReturnType<typeof parentsOf>>

export const say = (
  { lines }: Chunk,
  { row }: Given,
  code: string,
  field: string,
  detail: string,
): void => {
  lines.push([{ row: row.data.row, title: row.data.title }, note(code, field, detail)])
}

export const parentFor = (chunk: Chunk, row: Row, parents: Parents): Present | undefined => {
  const { item } = row
  if (item.parent === null || row.row.parent === CUT_OFF) return undefined
  const parent =
    row.row.parent >= 0 ? parents.byNumber.get(row.row.parent) : parents.byKey.get(item.parent)
  // A dry run has made none of those that are in the file.
  if (!parent && chunk.job.dryRun && row.row.parent >= 0) return undefined
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
  if (!parents.insteadOf.has(parent.id)) return parent
  chunk.lines.push([{ row: row.row.data.row, title: row.row.data.title }, tooDeep])
  return parents.insteadOf.get(parent.id)
}

export const chunkOf = async (ctx: Ctx, job: Job, given: readonly Given[]): Promise<Chunk> => {
  const { parties, projectId } = await placeNew(ctx, {})
  const { planned } = job.state
  const projects = withPlanned(ctx, await projectsOf(ctx), planned)
  const used = await countsOf(ctx, parties.ownerId)
  const room = (what: 'tasks' | 'projects' | 'labels', more: number) =>
    Math.max(0, ctx.quotas[what] - (used?.[what] ?? 0) - more)
  const names = [...new Set(given.flatMap(({ item }) => item.labels))]
  const existing = await existingNames(ctx, parties.ownerId, names)
  const labels = new Set<string>([...planned.labels, ...existing])
  const external = given.flatMap(({ item }) => item.external_id ?? [])
  const known = await findKnown(ctx, external)
  return {
    job,
    parties,
    inbox: projectId,
    projects,
    made: [],
    room: {
      tasks: room('tasks', job.dryRun ? job.counts.created : 0),
      projects: room('projects', planned.projects.length),
      labels: room('labels', planned.labels.length),
    },
    labels,
    externalIds: new Set(known.map(({ projectId, externalId }) => `${projectId} ${externalId}`)),
    newLabels: [],
    lines: [],
  }
}
