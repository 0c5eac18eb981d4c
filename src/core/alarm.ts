// Wakes what fires reminders, when one is set for an earlier time than it waits for.
import type { Instant } from '../db/instant.ts'
import type { Broadcast } from './broadcast.ts'

export type Alarm = {
  /**
   * A reminder is, or is about to be, set for this instant. It need not come true: what hears it
   * looks.
   */
  note(at: Instant): void
  /** Calls `listener` with what any process of the service notes. */
  hear(listener: (at: Instant) => void): void
}

export const createAlarm = ({ reminded }: Pick<Broadcast, 'reminded'>): Alarm => {
  let listener = (_: Instant) => {}
  reminded.hear((at) => listener(at))
  return {
    note: (at) => {
      listener(at)
      // The other processes look every minute in any case.
      reminded.tell(at).catch(() => {})
    },
    hear: (heard) => {
      listener = heard
    },
  }
}
