// The thread that brings the write-ahead log of a database file into the file, so that its waiting for the disk holds up nobody.
import { parentPort, workerData } from 'node:worker_threads'
import { openConnection } from '../../../db/open/file/connection.ts'
import type { Checkpoint } from '../../../db/open/file/writing.ts'
import { endThread } from '../end-thread.ts'

const connection = openConnection((workerData as { path: string }).path)
connection.exec('pragma synchronous = normal')
connection.exec('pragma cache_size = -100')
const checkpoint = connection.prepare('pragma wal_checkpoint(passive)').raw(true)

parentPort?.on('message', (asked: 'run' | 'end') => {
  if (asked === 'end') {
    connection.close()
    return endThread()
  }
  try {
    const [, frames, copied] = checkpoint.get([]) as [number, number, number]
    parentPort?.postMessage({ frames, copied } satisfies Checkpoint)
  } catch {
    parentPort?.postMessage({ frames: 0, copied: 0 } satisfies Checkpoint) // the next one may succeed
  }
})
