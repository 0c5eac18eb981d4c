// The recurrence of a task as its column.
import { fromColumns, toWall, type WallTime } from '../../../core/wall-clock.ts'
import type { Recurrence } from './schemas.ts'

/** The two fields of a task that its column `recurrence` holds. */
export type Recurring = {
  readonly recurrence: Recurrence | null
  readonly occurrence: WallTime | null
}

type Wall = readonly [wall: string, zone: string | null]
type Stored = Omit<Recurrence, 'starts'> & { readonly starts: Wall; readonly slot: Wall }

export const happensOnce: Recurring = { recurrence: null, occurrence: null }

export const recurrenceIn = (text: string): Recurring => {
  const { rule, anchor, missed, starts, slot } = JSON.parse(text) as Stored
  const first = fromColumns(...starts) as WallTime
  return { recurrence: { rule, anchor, missed, starts: first }, occurrence: fromColumns(...slot) }
}

export const recurrenceText = ({ recurrence, occurrence }: Recurring): string | null => {
  if (recurrence === null || occurrence === null) return null
  const { rule, anchor, missed, starts } = recurrence
  const stored: Stored = { rule, anchor, missed, starts: toWall(starts), slot: toWall(occurrence) }
  return JSON.stringify(stored)
}
