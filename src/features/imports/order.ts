// The order in which the rows of a file are written: what a row is a part of comes before it, in
// whatever order the file has them.
import { MAX_LEVELS } from '../tasks/index.ts'
import type { Item, Note } from './row.ts'
import { note } from './values.ts'

/** Levels of what is no task. Tasks have 0 and more; an occurrence is written with its task. */
export const LEVELS = { settings: -3, project: -2, label: -1, occurrence: 100 } as const
export const NO_PARENT = -1
/** The same for a row of a circle, which was cut here. */
export const CUT_OFF = -2

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
  const occurrences = new Map<number, string>()
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
        notes.set(
          below,
          note(
            'too_deep',
            'parent',
            `Tasks have ${MAX_LEVELS} levels; it is moved up to the last one.`,
          ),
        )
        parent = resolved.get(parent) ?? NO_PARENT
        level = MAX_LEVELS - 1
      }
      settle(below, level, parent)
    }
  }

  return {
    /** Answers false for a task whose key there was already. */
    add(number: number, item: Item): boolean {
      if (item.kind === 'occurrence') occurrences.set(number, item.parent)
      if (item.kind !== 'task') return true
      if (numbers.has(item.key)) return false
      numbers.set(item.key, number)
      if (item.parent !== null) parents.set(number, item.parent)
      return true
    },
    /** The rows that do not stand by themselves. */
    *places(): Generator<Place> {
      for (const number of parents.keys()) {
        place(number)
        const [level = 0, parent = NO_PARENT] = [levels.get(number), resolved.get(number)]
        const why = notes.get(number)
        if (level > 0 || why) yield { number, level, parent, note: why }
      }
      for (const [number, key] of occurrences) {
        const parent = numbers.get(key) ?? NO_PARENT
        const why =
          parent === NO_PARENT
            ? note('no_task', '', 'The task that it is an occurrence of is not in the file.')
            : undefined
        yield { number, level: LEVELS.occurrence, parent, note: why }
      }
    },
  }
}
