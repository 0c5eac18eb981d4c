import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ListedRows } from '../../../db/open/file/lists.ts'
import type { LongReads } from '../../../db/open/file/reading.ts'
import { deserializeError, type SerializedError } from '../error-serialization.ts'
import { programOf, threadEnv, threadFlags } from '../package-root.ts'

const ENTRY = programOf('long-reads/worker.ts', 'long-reads-worker.js')
/** Megabytes. A page of 200 of the longest tasks is a text of 4 MB. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 }

export type AskedRead = {
  readonly id: number
  readonly text: string
  readonly values: readonly unknown[]
}
export type AnsweredRead =
  | { readonly id: number; readonly listed: ListedRows; readonly ms: number }
  | { readonly id: number; readonly failure: SerializedError }

type Waiting = {
  resolve(answer: { listed: ListedRows; ms: number }): void
  reject(reason: unknown): void
}

const failed = (code: string, message: string) => Object.assign(new Error(message), { code })

/**
 * Runs long reads of the database file at `path` in a thread, one after the other. The thread
 * starts when it is first needed. A read that takes longer than `deadlineMs` is given up, and its
 * thread with it: SQLite cannot be interrupted from another thread. The old thread ends when its
 * read does, and the next read gets a new thread.
 */
export const longReadsOf = (path: string, deadlineMs: number): LongReads => {
  let thread: ReturnType<typeof start> | undefined

  const start = () => {
    const worker = new Worker(ENTRY, {
      workerData: { path },
      resourceLimits: LIMITS,
      env: threadEnv(),
      execArgv: [...threadFlags],
    })
    const waiting = new Map<number, Waiting>()
    let timer: NodeJS.Timeout | undefined
    /** Rejects the reads that wait, and ends this thread. The next read starts another. */
    const giveUp = (reason: Error) => {
      clearTimeout(timer)
      if (thread?.worker === worker) thread = undefined
      for (const { reject } of waiting.values()) reject(reason)
      waiting.clear()
      worker.unref()
      void worker.terminate()
    }
    /** Limits the time of the read that runs, which begins when the one before has ended. */
    const watch = () => {
      clearTimeout(timer)
      if (waiting.size === 0) return worker.unref()
      worker.ref()
      timer = setTimeout(
        () => giveUp(failed('DATABASE_TIMEOUT', `a read took more than ${deadlineMs} ms`)),
        deadlineMs,
      ).unref()
    }
    worker.unref()
    worker.on('message', (answer: AnsweredRead) => {
      const asked = waiting.get(answer.id)
      waiting.delete(answer.id)
      watch()
      if ('failure' in answer) asked?.reject(deserializeError(answer.failure))
      else asked?.resolve(answer)
    })
    worker.on('error', (error) =>
      giveUp(failed('DATABASE_BUSY', `the thread of long reads failed: ${error.message}`)),
    )
    worker.on('exit', () => giveUp(failed('DATABASE_BUSY', 'the thread of long reads has ended')))
    return { worker, waiting, watch, giveUp }
  }

  let next = 0
  return {
    all: (text, values) => {
      thread ??= start()
      const { worker, waiting, watch } = thread
      const id = next++
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        if (waiting.size === 1) watch()
        worker.postMessage({ id, text, values } satisfies AskedRead)
      })
    },
    end: async () => {
      if (!thread) return
      const { worker, waiting, giveUp } = thread
      // No request waits for a read that still runs: the server has been drained.
      if (waiting.size > 0) return giveUp(failed('DATABASE_BUSY', 'the database is closed'))
      worker.ref()
      worker.postMessage('end')
      await once(worker, 'exit')
    },
  }
}
