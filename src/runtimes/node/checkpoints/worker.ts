// The thread that brings the write-ahead log of a database file into the file, so that no request
// waits for the disk.
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Checkpoint, Remains } from '../../../db/open/file/checkpointing.ts'
import { LONG_LOG, openConnection } from '../../../db/open/file/connection.ts'
import { pagesOf, remainsOn } from '../../../db/open/file/remains.ts'
import { emptierOf } from '../../../db/open/file/write-ahead-log.ts'
import { endThread } from '../end-thread.ts'
import { descriptorsOf, flush } from './flush.ts'
import type { Question } from './thread.ts'

const { path } = workerData as { path: string }
/** Of the connection that writes, and others. */
const others = new Set(descriptorsOf(path))
const connection = openConnection(path)
connection.exec('pragma synchronous = normal')
connection.exec('pragma cache_size = -100')
const checkpoint = connection.prepare('pragma wal_checkpoint(passive)').raw(true)
const cutOff = emptierOf(connection)
const file = pagesOf(connection)

const descriptor = descriptorsOf(path).find((one) => !others.has(one))

const bringIn = (): Checkpoint => {
  const [, frames, copied] = checkpoint.get([]) as [number, number, number]
  return { frames, copied }
}
/** Why nothing is brought in any more (`flush`). The connection that writes does it then. */
let lost: unknown
const pass = (isLast: boolean): Checkpoint => {
  const made = bringIn()
  try {
    // Another pass follows, which is to find little to wait for.
    if (!isLast && made.frames >= LONG_LOG) flush(descriptor)
  } catch (error) {
    lost = error
    throw error
  }
  return made
}

/** Pages that are read in one transaction: while it lasts, the log cannot begin anew. */
const BLOCK = 256
/** Pages that one question looks at: 64 MiB. Before the next one the log can be brought in. */
const PART = 64 * BLOCK
/**
 * The writer may change a page meanwhile, so it checks each of these again.
 *
 * They are read through SQLite. A program that opens and closes a database file by itself gives up
 * all locks that its process has on the file (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 * Then the next other process to close the file deletes the log, and what is committed later is
 * lost with this process.
 */
const findRemains = async (from: number): Promise<Remains> => {
  const pages: number[] = []
  let number = from
  const readBlock = (): boolean => {
    connection.exec('begin')
    try {
      for (const end = number + BLOCK; number < end; number++) {
        const bytes = file.read(number)
        if (!bytes) return false
        if (remainsOn(bytes, number)) pages.push(number)
      }
      return true
    } finally {
      connection.exec('commit')
    }
  }
  while (number < from + PART) {
    if (!readBlock()) return { pages, next: undefined }
    await setImmediate()
  }
  return { pages, next: number }
}
const answer = (asked: Question): Promise<Remains> | Checkpoint | boolean => {
  if (typeof asked === 'object') return findRemains(asked.from)
  if (lost) throw lost
  return asked === 'empty' ? cutOff() : pass(asked === 'last')
}

parentPort?.on('message', async (asked: Question | 'end') => {
  if (asked === 'end') {
    connection.close()
    return endThread()
  }
  try {
    parentPort?.postMessage(await answer(asked))
  } catch {
    parentPort?.postMessage('failed') // the next attempt may succeed
  }
})
