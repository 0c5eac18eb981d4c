import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { root } from '../root.ts'
import type { Jobs } from './jobs.ts'

/** The source, or where that is bundled, a bundle of its own beside the server. */
const ENTRY = import.meta.filename.endsWith('.ts') ? join(import.meta.dirname, 'worker.ts') : join(root, 'dist/backup-worker.js')
/** A small young generation is collected often, and with it the buffers of what has been sent. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 }

type Answer = { readonly done: unknown } | { readonly failed: { readonly message: string; readonly code?: string } }

/** Runs a job in a thread of its own, which ends with it: what it took is given back. */
export const inThread = <N extends keyof Jobs>(name: N, input: Parameters<Jobs[N]>[0]): Promise<Awaited<ReturnType<Jobs[N]>>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, { workerData: { name, input }, resourceLimits: LIMITS, env: {}, execArgv: [] })
    worker.once('message', (answer: Answer) => {
      if ('failed' in answer) reject(Object.assign(new Error(answer.failed.message), answer.failed))
      else resolve(answer.done as never)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread of ${name} ended with ${code}`)))
  })
