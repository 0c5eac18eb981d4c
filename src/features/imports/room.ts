// How much of one file is kept: what there is of it is in memory until all is read.
import type { Item } from './row.ts'

/** Rows of a file. */
export const MOST_ROWS = 100_000

const MOST = {
  rows: MOST_ROWS,
  /** What belongs to the tasks. */
  beside: 2 * MOST_ROWS,
  /** Projects, labels and settings, which stand behind all tasks in our own files. */
  named: MOST_ROWS,
}
type Kind = keyof typeof MOST

export const kindOf = ({ kind }: Item): Kind => {
  switch (kind) {
    case 'task':
    case 'occurrence':
      return 'rows'
    case 'project':
    case 'label':
    case 'settings':
      return 'named'
    case 'blocker':
    case 'done':
    case 'reminder':
    case 'comment':
      return 'beside'
  }
}

export const createRoom = (most: Readonly<Record<Kind, number>> = MOST) => {
  const taken: Record<Kind, number> = { rows: 0, beside: 0, named: 0 }
  return {
    /** Is there room for one more of this kind? Then it takes it. */
    take: (item: Item): boolean => {
      const kind = kindOf(item)
      if (taken[kind] >= most[kind]) return false
      taken[kind]++
      return true
    },
  }
}
