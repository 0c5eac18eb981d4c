// What a user has, read page by page while it is sent. Nothing is locked meanwhile: each thing is as
// it was when its page was read.
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { accountIdOf } from '../../core/parties.ts'
import { getMe } from '../account/index.ts'
import { allComments } from '../comments/index.ts'
import { type Label, pageOfLabels } from '../labels/index.ts'
import { type Project, pageOfProjects } from '../projects/index.ts'
import { exportReminders } from '../reminders/index.ts'
import { allDone, findPresent, pageOfAllTasks, type WholeTask } from '../tasks/index.ts'

/** Tasks of one page: a page of the longest descriptions is some megabytes. */
const TASKS = 100
const OTHERS = 200
/** Comments may be long. */
const COMMENTS = 100

export const settingsOf = async (ctx: Ctx) => {
  const { name, time_zone, reminder_time } = await getMe(ctx)
  return { name, time_zone, reminder_time }
}

/** Those of a page that were on none before: what is moved or renamed meanwhile comes again. */
const eachOnce = () => {
  const seen = new Set<string>()
  return <T extends { readonly id: string }>(page: readonly T[]): T[] =>
    page.filter(({ id }) => !seen.has(id) && seen.add(id))
}

export const allProjects = async function* (ctx: Ctx): AsyncGenerator<Project[]> {
  const fresh = eachOnce()
  let page: Project[] = []
  do {
    const last = page.at(-1)
    page = await pageOfProjects(ctx, OTHERS, last && { key: last.position, id: last.id })
    yield fresh(page)
  } while (page.length === OTHERS)
}

export const allLabels = async function* (ctx: Ctx): AsyncGenerator<Label[]> {
  const fresh = eachOnce()
  let page: Label[] = []
  do {
    const last = page.at(-1)
    page = await pageOfLabels(
      ctx,
      accountIdOf(ctx),
      OTHERS,
      last && { key: last.name, id: last.id },
    )
    yield fresh(page)
  } while (page.length === OTHERS)
}

/** Pages in the order of ids, one behind the other. */
const inOrder = async function* <T extends { readonly id: string }>(
  limit: number,
  read: (place: { readonly after: string; readonly limit: number }) => Promise<T[]>,
): AsyncGenerator<T[]> {
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const page: T[] = await read({ after, limit })
    yield page
    after = page.length < limit ? undefined : page.at(-1)?.id
  }
}
export const allOccurrences = (ctx: Ctx) => inOrder(OTHERS, (place) => allDone(ctx, place))
export const allReminders = (ctx: Ctx) => inOrder(OTHERS, (place) => exportReminders(ctx, place))
export const allOfComments = (ctx: Ctx) => inOrder(COMMENTS, (place) => allComments(ctx, place))

/** A task with its project. Of a project that is gone its tasks come back to the inbox. */
export type Kept = { readonly task: WholeTask; readonly project: Project }

export const allTasks = async function* (
  ctx: Ctx,
  { trash }: { readonly trash: boolean },
): AsyncGenerator<Kept[]> {
  const projects = new Map<string, Project>()
  let inbox: Project | undefined
  const look = async (): Promise<void> => {
    for await (const page of allProjects(ctx))
      for (const project of page) {
        projects.set(project.id, project)
        if (project.inbox) inbox = project
      }
  }
  await look()
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const tasks: WholeTask[] = await pageOfAllTasks(ctx, { after, limit: TASKS, trash })
    // Made since.
    if (tasks.some(({ project_id }) => !projects.has(project_id))) await look()
    const own = inbox
    if (!own) throw accountGone()
    // What is above a task in the trash may be gone.
    const parents = tasks.flatMap(({ deleted_at, parent_id }) =>
      deleted_at !== null && parent_id !== null ? [parent_id] : [],
    )
    const present = await findPresent(ctx, parents)
    yield tasks.map((task) => ({
      project: projects.get(task.project_id) ?? own,
      task:
        task.deleted_at !== null && task.parent_id !== null && !present.has(task.parent_id)
          ? { ...task, parent_id: null }
          : task,
    }))
    after = tasks.length < TASKS ? undefined : tasks.at(-1)?.id
  }
}
