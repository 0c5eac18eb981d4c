// What a reminder is like, and what becomes of it when its time moves.
import { openStatuses } from '../../core/open-statuses.ts'
import type { Instant } from '../../db/instant.ts'
import type { ReminderStatus, Trigger } from './schemas.ts'

/** The part of a reminder that its trigger and its firing decide. */
export type State = {
  readonly trigger: Trigger
  readonly fireAt: Instant | null
  readonly status: ReminderStatus
  readonly firedAt: Instant | null
  readonly late: boolean
}

/** A reminder that waits for `fireAt`. */
export const waiting = (trigger: Trigger, fireAt: Instant | null): State => ({
  trigger,
  fireAt,
  status: fireAt === null ? 'unscheduled' : 'pending',
  firedAt: null,
  late: false,
})

export const isWaiting = ({ status }: State): boolean =>
  status === 'pending' || status === 'unscheduled'

/**
 * What becomes of a reminder whose time is `fireAt` now; undefined where it stays as it is. One that
 * has fired, or whose time has passed otherwise, waits again for a later time only: an earlier one
 * would fire at once for what its user knows.
 */
export const movedTo = (before: State, fireAt: Instant | null): State | undefined => {
  if (fireAt === before.fireAt) return undefined
  const isLater = fireAt !== null && (before.fireAt === null || fireAt > before.fireAt)
  return isWaiting(before) || isLater ? waiting(before.trigger, fireAt) : undefined
}

/** Do the reminders of a task of this status fire? */
export const isOpen = (taskStatus: string): boolean =>
  (openStatuses as readonly string[]).includes(taskStatus)
