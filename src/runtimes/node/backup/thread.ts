import { Worker } from 'node:worker_threads'
import { programOf, threadEnv, threadFlags } from '../package-root.ts'
import type { Jobs } from './jobs.ts'

const ENTRY = programOf('backup/worker.ts', 'backup-worker.js')
/** A small young generation is collected often, and with it the buffers of sent data. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 }

type Answer =
  | { readonly done: unknown }
  | { readonly failed: { readonly message: string; readonly code?: string } }

/**
 * Runs a job in a thread. Resolves when the thread has ended, and its memory is freed. `signal`
 * aborts the job, which rejects.
 */
export const runJob = <N extends keyof Jobs>(
  name: N,
  input: Parameters<Jobs[N]>[0],
  signal?: AbortSignal,
): Promise<Awaited<ReturnType<Jobs[N]>>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, {
      workerData: { name, input },
      resourceLimits: LIMITS,
      env: threadEnv(),
      execArgv: [...threadFlags],
    })
    const giveUp = () => worker.postMessage('end')
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    let answer: Answer | undefined
    worker.once('message', (said: Answer) => {
      answer = said
    })
    worker.once('error', reject)
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', giveUp)
      if (answer === undefined) reject(new Error(`the thread of ${name} ended with ${code}`))
      else if ('failed' in answer)
        reject(Object.assign(new Error(answer.failed.message), answer.failed))
      else resolve(answer.done as never)
    })
  })
