// When webhooks are sent: soon after a write of this service, when the first delivery that waits is
// due, and every few seconds for what other replicas have written.
import { noteSuperseded } from '../../core/superseded.ts'
import { isSuperseded } from '../../db/portable.ts'
import { deliverDue, type SendingCtx } from '../../features/webhooks/index.ts'

const MINUTE = 60_000
/** Writes of so many milliseconds are followed by one look. */
const SOON_MS = 100
/** How often it is looked for what other replicas have written. */
const REPLICAS_MS = 3_000
/** After a look that failed. */
const AGAIN_MS = 5_000

type Parts = SendingCtx & {
  readonly webhooks: SendingCtx['webhooks'] & { hear(listener: () => void): void }
}
type Options = {
  readonly signal: AbortSignal
  /** May other processes write that do not tell this one? */
  readonly replicas: boolean
}

/** Sends webhooks until `signal`. Its timer does not keep the process alive. */
export const sendWebhooks = (deps: Parts, { signal, replicas }: Options): void => {
  const { clock, log, webhooks } = deps
  const atMost = replicas ? REPLICAS_MS : MINUTE
  let timer: ReturnType<typeof setTimeout> | undefined
  let wakesAt = Number.POSITIVE_INFINITY
  let [looking, heard] = [false, false]

  /** Looks in so many milliseconds, or when it was to look already where that is sooner. */
  const wake = (ms: number): void => {
    const at = performance.now() + ms
    if (signal.aborted || at >= wakesAt) return
    clearTimeout(timer)
    wakesAt = at
    timer = setTimeout(() => void look(), ms)
    timer.unref()
  }

  /** What is due and could not be sent now is looked at again a little later. */
  const until = (at: string): number => {
    const ms = Date.parse(at) - clock.now()
    return ms > 0 ? ms : AGAIN_MS
  }

  const look = async (): Promise<void> => {
    if (looking || signal.aborted) return
    looking = true
    heard = false
    wakesAt = Number.POSITIVE_INFINITY
    let next = AGAIN_MS
    try {
      const outcome = await deliverDue(deps, { signal })
      next = Math.min(atMost, outcome.next === undefined ? atMost : until(outcome.next))
    } catch (error) {
      if (isSuperseded(error)) return noteSuperseded(log)
      if (!signal.aborted) log.error('webhooks could not be sent', { error })
    } finally {
      looking = false
    }
    wake(heard ? SOON_MS : next)
  }

  webhooks.hear(() => {
    heard = true
    if (!looking) wake(SOON_MS)
  })
  signal.addEventListener('abort', () => clearTimeout(timer))
  wake(SOON_MS)
}
