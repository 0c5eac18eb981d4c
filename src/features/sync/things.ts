// What the entries of a change log tell of, as the reader sees it now.
import type { Entity } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import type { Stretch } from '../../core/logged.ts'
import { getUser, type User } from '../account/index.ts'
import { type Comment, loggedComments } from '../comments/index.ts'
import { type Label, loggedLabels } from '../labels/index.ts'
import { loggedProjects, type Project } from '../projects/index.ts'
import { loggedReminders, type Reminder, remindersOfLogged } from '../reminders/index.ts'
import { loggedTasks, type Task } from '../tasks/index.ts'
import type { Entry } from './log.ts'

export type Things = {
  readonly users: User[]
  readonly projects: Project[]
  readonly tasks: Task[]
  readonly labels: Label[]
  readonly comments: Comment[]
  readonly reminders: Map<string, Reminder>
}

export const noThings = (): Things => ({
  users: [],
  projects: [],
  tasks: [],
  labels: [],
  comments: [],
  reminders: new Map(),
})

/** Entries of which all things may be read between the requests of others. */
const FEW = 50

/** Puts things into the order of their entries, which no join keeps. */
const inOrderOf = (entries: readonly Entry[]) => {
  const places = new Map(entries.map(({ id }, place) => [id, place]))
  const placeOf = ({ id }: { readonly id: string }): number => places.get(id) ?? entries.length
  return <T extends { readonly id: string }>(things: readonly T[]): T[] =>
    things.toSorted((a, b) => placeOf(a) - placeOf(b))
}

/**
 * Adds what these entries tell of, which are those of the stretch. What has changed again since the
 * entries were read is left out: its entry stands behind them now.
 */
export const addThings = async (
  ctx: Ctx,
  { entries, ...stretch }: Stretch & { readonly entries: readonly Entry[] },
  things: Things,
): Promise<void> => {
  const kinds = new Set<Entity>()
  for (const { entity, gone } of entries) if (!gone) kinds.add(entity)
  const inOrder = inOrderOf(entries)
  const mode = { short: entries.length <= FEW }
  if (kinds.has('user') && things.users.length === 0) things.users.push(await getUser(ctx))
  if (kinds.has('project')) things.projects.push(...inOrder(await loggedProjects(ctx, stretch)))
  if (kinds.has('label')) things.labels.push(...inOrder(await loggedLabels(ctx, stretch)))
  if (kinds.has('task')) {
    things.tasks.push(...inOrder(await loggedTasks(ctx, stretch, mode)))
    for (const one of await remindersOfLogged(ctx, stretch)) things.reminders.set(one.id, one)
  }
  if (kinds.has('comment'))
    things.comments.push(...inOrder(await loggedComments(ctx, stretch, mode)))
  if (kinds.has('reminder'))
    for (const one of await loggedReminders(ctx, stretch)) things.reminders.set(one.id, one)
}
