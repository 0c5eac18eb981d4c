// What the metrics say of this process.
import type { Figures } from '../../core/broadcast.ts'
import { createHistogram } from '../../db/histogram.ts'

const LOOK_MS = 100

/**
 * Looks ten times a second how late the event loop is: so long requests wait that arrive at that
 * moment.
 */
const watchEventLoop = () => {
  const delay = createHistogram()
  let due = performance.now() + LOOK_MS
  setInterval(() => {
    const now = performance.now()
    delay.observe(Math.max(0, now - due))
    due = now + LOOK_MS
  }, LOOK_MS).unref()
  return delay
}

/** Begins to watch this process; answers its figures. */
export const watchProcess = (): (() => Figures) => {
  const delay = watchEventLoop()
  return () => {
    const { rss, heapTotal, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    return {
      process_resident_memory_bytes: rss,
      taskport_heap_size_bytes: heapTotal,
      taskport_heap_used_bytes: heapUsed,
      process_cpu_seconds_total: (user + system) / 1e6,
      ...Object.fromEntries(delay.figures('taskport_event_loop_delay_seconds')),
    }
  }
}
