// The order in which the rows of a file are written: what a row is a part of comes before it,
// in each order that a file may have them in.
import { MAX_REMINDERS } from '../reminders/index.ts'
import { MAX_COMMENTS, MAX_LEVELS } from '../tasks/index.ts'
import type { BesideItem, Item, Note } from './row.ts'
import { note } from './values.ts'

/** Levels of what is no task. Tasks have 0 and more; what belongs to them comes behind. */
export const LEVELS = {
  settings: -3,
  project: -2,
  label: -1,
  blocker: 100,
  occurrence: 101,
  done: 101,
  reminder: 102,
  comment: 103,
} as const
export const NO_PARENT = -1
/** The same for a row of a circle, which was cut here. */
export const CUT_OFF = -2
/** Of a task that was here before the import, which leaves it as it is. */
export const HERE_BEFORE = -3

export const tooDeep = note(
  'too_deep',
  'parent',
  `Tasks have ${MAX_LEVELS} levels; it is moved up to the last one.`,
)

export const levelOf = (item: Item): number => (item.kind === 'task' ? 0 : LEVELS[item.kind])

export type Place = {
  readonly number: number
  readonly level: number
  /** The number of the row that it is a part of. */
  readonly parent: number
  /** Why it is not where the file has it. */
  readonly note: Note | undefined
}

/** What it remembers of a file are numbers and keys, not the rows. */
export const createOrder = () => {
  const numbers = new Map<string, number>()
  /** The keys of the rows that these are a part of. */
  const parents = new Map<number, string>()
  /** What belongs to tasks, with their keys. */
  const beside = new Map<number, { readonly kind: BesideItem['kind']; readonly key: string }>()
  const counts = { reminder: new Map<string, number>(), comment: new Map<string, number>() }
  const levels = new Map<number, number>()
  const resolved = new Map<number, number>()
  const notes = new Map<number, Note>()

  /** The row that it is a part of, where the file has it. */
  const above = (number: number): number => {
    const known = resolved.get(number)
    if (known !== undefined) return known
    const key = parents.get(number)
    return key === undefined ? NO_PARENT : (numbers.get(key) ?? NO_PARENT)
  }
  const settle = (number: number, level: number, parent: number): void => {
    levels.set(number, level)
    resolved.set(number, parent)
  }
  /** Settles a row and what is above it. */
  const place = (number: number): void => {
    const line: number[] = []
    const seen = new Set<number>()
    let at = number
    for (; !levels.has(at); at = above(at)) {
      seen.add(at)
      line.push(at)
      const parent = above(at)
      if (parent === NO_PARENT || seen.has(parent)) {
        if (parent !== NO_PARENT)
          notes.set(at, note('cycle', 'parent', 'It would be a part of itself, and stands alone.'))
        settle(at, 0, parent === NO_PARENT ? NO_PARENT : CUT_OFF)
        line.pop()
        break
      }
    }
    for (const below of line.reverse()) {
      let parent = above(below)
      let level = (levels.get(parent) ?? 0) + 1
      if (level >= MAX_LEVELS) {
        notes.set(below, tooDeep)
        parent = resolved.get(parent) ?? NO_PARENT
        level = MAX_LEVELS - 1
      }
      settle(below, level, parent)
    }
  }

  return {
    /** Answers why it cannot be: there was one with this key already, or so many. */
    add(number: number, item: Item): Note | undefined {
      if (item.kind === 'task') {
        if (numbers.has(item.key))
          return note('duplicate', '', 'The file has it twice; the first one counts.')
        numbers.set(item.key, number)
        if (item.parent !== null) parents.set(number, item.parent)
      } else if ('parent' in item) {
        if (item.kind === 'reminder' || item.kind === 'comment') {
          const count = counts[item.kind].get(item.parent) ?? 0
          const most = item.kind === 'reminder' ? MAX_REMINDERS : MAX_COMMENTS
          if (count === most)
            return note('too_many', item.kind, `A task has ${most} at most; this one is left out.`)
          counts[item.kind].set(item.parent, count + 1)
        }
        beside.set(number, { kind: item.kind, key: item.parent })
      }
      return undefined
    },
    /** The rows that do not stand by themselves. */
    *places(): Generator<Place> {
      for (const number of parents.keys()) {
        place(number)
        const [level = 0, parent = NO_PARENT] = [levels.get(number), resolved.get(number)]
        const why = notes.get(number)
        if (level > 0 || why) yield { number, level, parent, note: why }
      }
      for (const [number, { kind, key }] of beside) {
        const parent = numbers.get(key) ?? NO_PARENT
        const why =
          parent === NO_PARENT && kind !== 'blocker'
            ? note('no_task', kind, 'The task that it belongs to is not in the file.')
            : undefined
        yield { number, level: LEVELS[kind], parent, note: why }
      }
    },
  }
}
