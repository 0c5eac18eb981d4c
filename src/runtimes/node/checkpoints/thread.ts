import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Checkpoint, Checkpoints, Remains } from '../../../db/open/file/checkpointing.ts'
import { programOf, threadEnv, threadFlags } from '../package-root.ts'

const ENTRY = programOf('checkpoints/worker.ts', 'checkpoints-worker.js')
/** The thread holds a connection and little else. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 }

/** `from`: the page from which a part of the file is looked through. */
export type Question = 'run' | 'last' | 'empty' | { readonly from: number }

/**
 * Runs the checkpoints of the database file at `path` in a thread, which starts when it is first
 * needed. The thread keeps the process alive while a call waits for it: otherwise the process could
 * end while it closes the database.
 */
export const checkpointsOf = (path: string): Checkpoints => {
  let worker: Worker | undefined
  const start = () => {
    const started = new Worker(ENTRY, {
      workerData: { path },
      resourceLimits: LIMITS,
      env: threadEnv(),
      execArgv: [...threadFlags],
    })
    started.unref()
    return started
  }
  const replyTo = async (question: Question): Promise<unknown> => {
    worker ??= start()
    const running = worker
    const over = new AbortController()
    try {
      running.ref()
      running.postMessage(question)
      // `once` rejects when the thread fails.
      const [said] = await Promise.race([
        once(running, 'message', over),
        once(running, 'exit', over),
      ])
      if (typeof said === 'number') throw new Error('the thread of the checkpoints has ended')
      return said
    } catch (error) {
      worker = undefined
      throw error
    } finally {
      over.abort()
      running.unref()
    }
  }
  /** One question at a time. Rejects where the thread could not do it. */
  const ask = async <T>(question: Question): Promise<T> => {
    const said = await replyTo(question)
    if (said === 'failed') throw new Error('the thread of the checkpoints could not reach the file')
    return said as T
  }
  return {
    run: (isLast = false) => ask<Checkpoint>(isLast ? 'last' : 'run'),
    empty: () => ask<boolean>('empty'),
    remains: (from) => ask<Remains>({ from }),
    end: async () => {
      const ending = worker
      worker = undefined
      if (!ending) return
      ending.ref()
      ending.postMessage('end')
      await once(ending, 'exit')
    },
  }
}
