// How the family spells statuses and priorities, and what that is here.
import { isDone, type Task } from '../../features/tasks/index.ts'

type Status = Task['status']
type Priority = Task['priority']

const statusWords: Readonly<Record<Status, readonly string[]>> = {
  pending: ['pending', 'todo', 'to_do', 'active', 'incomplete', 'not_started', 'new'],
  in_progress: ['in_progress', 'inprogress', 'doing', 'started'],
  completed: ['completed', 'complete', 'done', 'finished', 'closed'],
  cancelled: ['cancelled', 'canceled'],
}
/** The statuses, as a sentence lists them. */
export const statusChoices = `${Object.keys(statusWords).slice(0, -1).join(', ')} or ${Object.keys(statusWords).at(-1)}`
const priorityWords: Readonly<Record<Priority, readonly string[]>> = {
  none: ['none', '0', 'no', 'p0'],
  low: ['low', '1', 'p4', 'lowest', 'minor'],
  medium: ['medium', '2', 'p3', 'normal', 'med', 'default'],
  high: ['high', '3', 'p2', 'major'],
  urgent: ['urgent', '4', '5', 'p1', 'highest', 'critical'],
}

const byWord = <K extends string>(words: Readonly<Record<K, readonly string[]>>) =>
  new Map(
    (Object.entries(words) as [K, readonly string[]][]).flatMap(([standard, all]) =>
      all.map((word) => [word, standard] as const),
    ),
  )
const statuses = byWord(statusWords)
const priorities = byWord(priorityWords)

const wordIn = (given: unknown): string =>
  String(given)
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
const isWord = (given: unknown): boolean => typeof given === 'string' || typeof given === 'number'

/** The status that a client means, in any case and with any of - _ and blank. */
export const statusOf = (given: unknown): Status | undefined =>
  isWord(given) ? statuses.get(wordIn(given)) : undefined
/** The priority that a client means: a word, a number from 0, or P1 to P4. */
export const priorityOf = (given: unknown): Priority | undefined =>
  isWord(given) ? priorities.get(wordIn(given)) : undefined

/** The two statuses that the original knows. */
export const originalStatus = (status: Status): 'completed' | 'pending' =>
  isDone(status) ? 'completed' : 'pending'
