// Tasks such as people make them, in the API's terms.
import { priorities, statuses, type Task } from '../../src/features/tasks/schemas.ts'
import { pick } from './random.ts'

export const LABELS = [
  'home',
  'work',
  'errand',
  'calls',
  'garden',
  'reading',
  'someday',
  'waiting',
] as const
const WORDS =
  'sweep the chimney call plumber about boiler write report for board buy salt and candles read draft send invoice fix gate'.split(
    ' ',
  )
const DAY = 86_400_000

type Content = Pick<Task, 'title' | 'description' | 'status' | 'priority' | 'due' | 'labels'>

/**
 * A task made at `at` (milliseconds): two of three are open, half have a due, most have a label.
 */
export const randomTask = (random: () => number, at: number): Content => ({
  title: wordsOf(random, 3 + Math.floor(random() * 5)),
  description:
    random() < 0.5
      ? ''
      : `Ask for the *certificate*: ${wordsOf(random, 10 + Math.floor(random() * 40))}.`,
  status: random() < 0.6 ? 'pending' : pick(random, statuses),
  priority: random() < 0.5 ? 'none' : pick(random, priorities),
  due: dueOf(random, at),
  labels: LABELS.filter(() => random() < 0.15),
})

/** What recurring tasks are found by. */
export const RECURRING = 'recurring'

/** One that has an occurrence each day, without an end. Completing it goes to the next day. */
export const recurringTask = (at: number) => ({
  title: 'Water the plants',
  due: { kind: 'day', date: new Date(at).toISOString().slice(0, 10) },
  recurrence: { rule: 'FREQ=DAILY', missed: 'keep' },
  labels: [RECURRING],
})

const wordsOf = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => pick(random, WORDS)).join(' ')

/** Half have none; the others a day, a time of day, or a time in a zone. */
const dueOf = (random: () => number, at: number): Task['due'] => {
  const kind = random()
  const day = new Date(at + Math.floor(random() * 30) * DAY).toISOString().slice(0, 10)
  if (kind < 0.5) return null
  if (kind < 0.75) return { kind: 'day', date: day }
  return kind < 0.9
    ? { kind: 'floating', datetime: `${day}T09:30:00` }
    : { kind: 'zoned', datetime: `${day}T17:00:00`, time_zone: 'Europe/Berlin' }
}
