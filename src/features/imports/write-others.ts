// Makes the projects and labels of a file, and takes its settings.
import type { Ctx } from '../../core/context.ts'
import { countsOf } from '../../core/counters.ts'
import { type Plan, retrying } from '../../core/unit-of-work.ts'
import { updateMe } from '../account/index.ts'
import { existingNames, insertLabel, newLabel } from '../labels/index.ts'
import { insertProject, type Project, updateProject } from '../projects/index.ts'
import { placeNew } from '../tasks/index.ts'
import { after, findJob, type Job, proceedTo } from './job-store.ts'
import { addProject, newProject, planMore, projectsOf, spotFor, withPlanned } from './projects.ts'
import { Overtaken } from './read.ts'
import type { LabelItem, Note, SettingsItem } from './row.ts'
import { putNotes, type StoredRow } from './row-store.ts'
import { note } from './values.ts'
import type { Written } from './write-tasks.ts'

type About = { readonly row: number; readonly title: string }
type Line = [About, Note]

const itemsOf = <K extends StoredRow['data']['item']['kind']>(
  rows: readonly StoredRow[],
  kind: K,
) =>
  rows.flatMap(({ data: { item, row, title } }) =>
    item.kind === kind
      ? [{ item: item as Extract<StoredRow['data']['item'], { kind: K }>, about: { row, title } }]
      : [],
  )

type Decided = {
  readonly plan: Pick<Plan<Job>, 'writes' | 'changes' | 'grows'>
  readonly counts: Partial<Job['counts']>
  readonly lines: readonly Line[]
  /** What is made. */
  readonly labels?: readonly string[]
  readonly projects?: readonly Project[]
}

/** Runs what is decided for these rows, with the step of the import. */
const inStep = (
  ctx: Ctx,
  begun: Job,
  { state }: Written,
  decide: () => Promise<Decided>,
): Promise<Job> =>
  retrying(ctx, async (attempt): Promise<Plan<Job>> => {
    if (attempt > 0 && (await findJob(ctx, begun.id))?.step !== begun.step) throw new Overtaken()
    const { parties } = await placeNew(ctx, {})
    const { plan, counts, lines, labels = [], projects = [] } = await decide()
    const noted = putNotes(ctx, begun.id, { ...begun.counts, ...counts }, lines)
    const planned = begun.dryRun ? planMore(begun.state.planned, labels, projects) : state.planned
    const next = after(ctx, begun, { counts: noted.counts, state: { ...state, planned } })
    const report = [proceedTo(ctx, next), ...noted.writes]
    const common = { parties, mustTouch: [0], wide: true, result: next }
    return begun.dryRun
      ? { ...common, writes: report }
      : { ...common, ...plan, writes: [...report, ...plan.writes] }
  })

/** Projects keep their ids, unless these are taken. */
export const writeProjects = (ctx: Ctx, begun: Job, written: Written): Promise<Job> =>
  inStep(ctx, begun, written, async () => {
    const given = itemsOf(written.rows, 'project')
    const { parties } = await placeNew(ctx, {})
    const there = withPlanned(ctx, await projectsOf(ctx), begun.state.planned)
    const used = await countsOf(ctx, parties.ownerId)
    let room = ctx.quotas.projects - (used?.projects ?? 0) - begun.state.planned.projects.length
    const lines: Line[] = []
    const made: Project[] = []
    for (const { item, about } of given) {
      const spot = await spotFor(ctx, there, item)
      if (spot === undefined) {
        lines.push([about, noId])
        continue
      }
      if ('here' in spot) {
        if (made.includes(spot.here)) lines.push([about, twice])
        continue
      }
      if (room <= 0) {
        lines.push([
          about,
          note(
            'quota',
            '',
            `You may own ${ctx.quotas.projects} projects; its tasks are in the inbox.`,
          ),
        ])
        continue
      }
      room--
      const project = newProject(ctx, spot.id, item)
      made.push(project)
      addProject(there, project)
    }
    return {
      plan: {
        writes: made.map((project) => insertProject(ctx, parties.ownerId, project)),
        changes: made.map(({ id }) => ({ entity: 'project', id, event: null })),
        ...(made.length > 0 && { grows: { projects: made.length } }),
      },
      counts: { projects: begun.counts.projects + made.length },
      lines,
      projects: made,
    }
  })

const twice = note('duplicate', '', 'The file has it twice; the first one counts.')
const noId = note(
  'no_project',
  '',
  'It was imported and deleted too often of late; its tasks are in the inbox.',
)

export const writeLabels = (ctx: Ctx, begun: Job, written: Written): Promise<Job> =>
  inStep(ctx, begun, written, async () => {
    const given = itemsOf(written.rows, 'label')
    const { parties } = await placeNew(ctx, {})
    const used = await countsOf(ctx, parties.ownerId)
    let room = ctx.quotas.labels - (used?.labels ?? 0)
    const names = [...new Set(given.map(({ item }) => item.name.normalize('NFC').trim()))]
    const there = await existingNames(ctx, parties.ownerId, names)
    const lines: Line[] = []
    const made = []
    for (const { item, about } of given) {
      const name = item.name.normalize('NFC').trim()
      if (there.has(name)) continue
      if (room <= 0) {
        lines.push([about, note('quota', '', `You may own ${ctx.quotas.labels} labels.`)])
        continue
      }
      room--
      there.add(name)
      made.push(labelOf(ctx, name, item))
    }
    return {
      plan: {
        writes: made.map((label) => insertLabel(ctx, parties.ownerId, label)),
        changes: made.map(({ id }) => ({ entity: 'label', id, event: null })),
        ...(made.length > 0 && { grows: { labels: made.length } }),
      },
      counts: { labels: begun.counts.labels + made.length },
      lines,
      labels: made.map(({ name }) => name),
    }
  })

const labelOf = (ctx: Ctx, name: string, { color, created_at }: LabelItem) => {
  const label = newLabel(ctx, name, color)
  return created_at === null ? label : { ...label, created_at }
}

/** An account that has nothing of its own takes the settings of the file; another one keeps its own. */
export const writeSettings = async (ctx: Ctx, begun: Job, written: Written): Promise<Job> => {
  const used = await countsOf(ctx, (await placeNew(ctx, {})).parties.ownerId)
  const isNew = used !== undefined && used.tasks === 0 && used.projects <= 1
  if (isNew && !begun.dryRun)
    for (const { item } of itemsOf(written.rows, 'settings')) await takeSettings(ctx, item)
  const lines: Line[] = isNew
    ? []
    : [
        [
          { row: 0, title: '' },
          note(
            'settings',
            'settings',
            'This account has things of its own, and keeps its settings.',
          ),
        ],
      ]
  return inStep(ctx, begun, written, async () => ({ plan: { writes: [] }, counts: {}, lines }))
}

const takeSettings = async (
  ctx: Ctx,
  { name, time_zone, reminder_time, inbox }: SettingsItem,
): Promise<void> => {
  const patch = {
    ...(name !== null && { name }),
    ...(time_zone !== null && { time_zone }),
    ...(typeof reminder_time === 'string' && { reminder_time }),
  }
  if (Object.keys(patch).length > 0) await updateMe(ctx, patch)
  const { inbox: own } = await projectsOf(ctx)
  if (!inbox || !own) return
  const { position, ...named } = inbox
  await updateProject(ctx, {
    id: own.id,
    ifMatch: undefined,
    patch: { ...named, ...(position !== null && { position }) },
  })
}
