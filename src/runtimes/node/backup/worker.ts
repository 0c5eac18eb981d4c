// The thread in which one job runs.
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { endThread } from '../end-thread.ts'
import { type Jobs, jobs } from './jobs.ts'

try {
  // Lets requests go first. On Linux each thread has its own priority.
  setPriority(0, constants.priority.PRIORITY_LOW)
} catch {} // a platform that does not know it backups at the usual one

const { name, input } = workerData as { name: keyof Jobs; input: never }
const ending = new AbortController()
parentPort?.once('message', () => ending.abort())
try {
  parentPort?.postMessage({ done: await jobs[name](input, ending.signal) })
} catch (error) {
  const { message, code } = error as { message?: string; code?: unknown }
  parentPort?.postMessage({
    failed: { message: String(message ?? error), ...(typeof code === 'string' && { code }) },
  })
}
endThread()
