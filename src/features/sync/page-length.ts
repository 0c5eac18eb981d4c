// How long a page of changes is, and where it ends so that it is not too long.
import type { Comment } from '../comments/index.ts'
import type { Task } from '../tasks/index.ts'
import type { Entry } from './log.ts'
import type { Things } from './things.ts'

/** What a reminder takes, of which a task may have twenty. */
const REMINDER = 400

const lengthOfTask = ({ title, description, url, labels, extra }: Task): number => {
  let characters = title.length + description.length + (url?.length ?? 0)
  for (const name of labels) characters += name.length
  for (const name in extra) characters += name.length + (extra[name]?.length ?? 0)
  return characters
}
const lengthOfComment = ({ text }: Comment): number => text.length

/** Characters of what may be long. */
export const charactersIn = ({ tasks, comments, reminders }: Things): number => {
  let characters = reminders.size * REMINDER
  for (const task of tasks) characters += lengthOfTask(task)
  for (const comment of comments) characters += lengthOfComment(comment)
  return characters
}

/** How many of these entries, of which one at least, fit into a page of so many characters. */
export const fitting = (entries: readonly Entry[], things: Things, most: number): number => {
  if (charactersIn(things) <= most) return entries.length
  const lengths = new Map<string, number>()
  const add = (id: string, characters: number) =>
    lengths.set(id, (lengths.get(id) ?? 0) + characters)
  for (const task of things.tasks) add(task.id, lengthOfTask(task))
  for (const comment of things.comments) add(comment.id, lengthOfComment(comment))
  for (const { id, task_id } of things.reminders.values()) {
    add(id, REMINDER)
    add(task_id, REMINDER)
  }
  let characters = 0
  const over = entries.findIndex(({ id }) => {
    characters += lengths.get(id) ?? 0
    return characters > most
  })
  return over < 0 ? entries.length : Math.max(1, over)
}

/** Those of the things that these entries tell of: reminders also come with their tasks. */
export const thingsOf = (entries: readonly Entry[], things: Things): Things => {
  const ids = new Set(entries.map(({ id }) => id))
  const isTold = ({ id }: { readonly id: string }) => ids.has(id)
  const { users, projects, tasks, labels, comments, reminders } = things
  return {
    users,
    projects: projects.filter(isTold),
    tasks: tasks.filter(isTold),
    labels: labels.filter(isTold),
    comments: comments.filter(isTold),
    reminders: new Map([...reminders].filter(([, one]) => isTold(one) || ids.has(one.task_id))),
  }
}
