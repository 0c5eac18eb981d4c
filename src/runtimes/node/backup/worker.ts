// The thread in which one job runs.
import { parentPort, workerData } from 'node:worker_threads'
import { type Jobs, jobs } from './jobs.ts'

const { name, input } = workerData as { name: keyof Jobs; input: never }
try {
  parentPort?.postMessage({ done: await jobs[name](input) })
} catch (error) {
  const { message, code } = error as { message?: string; code?: unknown }
  parentPort?.postMessage({ failed: { message: String(message ?? error), ...(typeof code === 'string' && { code }) } })
}
