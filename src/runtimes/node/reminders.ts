// When reminders fire: at the time of the first one that waits, and at least every minute, because
// another replica may have set an earlier one.
import type { Alarm } from '../../core/alarm.ts'
import { noteSuperseded } from '../../core/superseded.ts'
import { isSuperseded } from '../../db/portable.ts'
import { type FiringCtx, fireDue } from '../../features/reminders/index.ts'

const MINUTE = 60_000
/** What is noted is about to be written: it is looked for again until it must be there. */
const SETTLED_MS = 5_000
const SOON_MS = 250
const AGAIN_MS = 1_000

type Parts = FiringCtx & { readonly alarm: Alarm }

/** Fires reminders until `signal`. Its timer does not keep the process alive. */
export const fireReminders = (deps: Parts, { signal }: { signal: AbortSignal }): void => {
  const { clock, log, alarm } = deps
  let timer: ReturnType<typeof setTimeout> | undefined
  let wakesAt = Number.POSITIVE_INFINITY
  let looking = false
  let lookAgainUntil = 0

  /** Looks at `at`, or where that is earlier when it was to look already. */
  const wake = (at: number): void => {
    if (signal.aborted || at >= wakesAt) return
    clearTimeout(timer)
    wakesAt = at
    // The clock may be set meanwhile: so no wait is longer than a minute.
    const ms = Math.min(Math.max(0, at - clock.now()), MINUTE)
    timer = setTimeout(() => void look(), ms)
    timer.unref()
  }

  const look = async (): Promise<void> => {
    if (looking || signal.aborted) return
    looking = true
    wakesAt = Number.POSITIVE_INFINITY
    let next = clock.now() + MINUTE
    try {
      const outcome = await fireDue(deps, signal)
      const now = clock.now()
      next = Math.min(now + MINUTE, ...(outcome.next ? [Date.parse(outcome.next)] : []))
      if (outcome.contended || now < lookAgainUntil) next = Math.min(next, now + AGAIN_MS)
    } catch (error) {
      if (isSuperseded(error)) return noteSuperseded(log)
      if (!signal.aborted) log.error('reminders could not be fired', { error })
    } finally {
      looking = false
    }
    wake(next)
  }

  alarm.hear((instant) => {
    const [at, now] = [Date.parse(instant), clock.now()]
    if (at <= now + MINUTE)
      lookAgainUntil = Math.max(lookAgainUntil, Math.max(at, now) + SETTLED_MS)
    if (!looking) wake(Math.max(at, now + SOON_MS))
  })
  signal.addEventListener('abort', () => clearTimeout(timer))
  wake(clock.now())
}
