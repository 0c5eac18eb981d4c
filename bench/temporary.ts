import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is done at the end, the last thing first, whatever happened. */
export type Later = (end: () => unknown) => void

/** Runs `work`; what it handed to `later` is undone behind it. */
export const undoing = async <T>(work: (later: Later) => Promise<T>): Promise<T> => {
  const ends: (() => unknown)[] = []
  try {
    return await work((end) => ends.push(end))
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

export const temporaryFolder = (later: Later): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-bench-'))
  later(() => rmSync(folder, { recursive: true }))
  return folder
}
