// The thread that brings the write-ahead log of a database file into the file, so that no request
// waits for the disk.
import { open } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Checkpoint } from '../../../db/open/file/checkpointing.ts'
import { openConnection, pragmaOf } from '../../../db/open/file/connection.ts'
import { remainsOn } from '../../../db/open/file/remains.ts'
import { endThread } from '../end-thread.ts'

const { path } = workerData as { path: string }
const connection = openConnection(path)
connection.exec('pragma synchronous = normal')
connection.exec('pragma cache_size = -100')
const checkpoint = connection.prepare('pragma wal_checkpoint(passive)').raw(true)
const pageSize = pragmaOf(connection, 'page_size')()

const bringIn = (): Checkpoint => {
  const [, frames, copied] = checkpoint.get([]) as [number, number, number]
  return { frames, copied }
}

/** Pages that are read at a time. */
const BLOCK = 256
/** The writer may change the file meanwhile, so it checks each of these pages again. */
const findRemains = async (): Promise<number[]> => {
  const found: number[] = []
  const file = await open(path, 'r')
  try {
    const block = new Uint8Array(BLOCK * pageSize)
    for (let first = 1; ; first += BLOCK) {
      const { bytesRead } = await file.read(block, 0, block.length, (first - 1) * pageSize)
      for (let i = 0; i < Math.floor(bytesRead / pageSize); i++)
        if (remainsOn(block.subarray(i * pageSize, (i + 1) * pageSize), first + i))
          found.push(first + i)
      if (bytesRead < block.length) return found
    }
  } finally {
    await file.close()
  }
}

parentPort?.on('message', async (asked: 'run' | 'remains' | 'end') => {
  if (asked === 'end') {
    connection.close()
    return endThread()
  }
  try {
    parentPort?.postMessage(asked === 'run' ? bringIn() : await findRemains())
  } catch {
    // The next run may succeed.
    parentPort?.postMessage(asked === 'run' ? ({ frames: 0, copied: 0 } satisfies Checkpoint) : [])
  }
})
