import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is done at the end, the last thing first, whatever happened. */
export type Later = (end: () => unknown) => void

/** Runs `work`; what it handed to `later` is undone behind it, all of it, whatever happens. */
export const undoing = async <T>(work: (later: Later) => Promise<T>): Promise<T> => {
  const ends: (() => unknown)[] = []
  try {
    return await work((end) => ends.push(end))
  } finally {
    const faults: unknown[] = []
    for (const end of ends.toReversed())
      try {
        await end()
      } catch (fault) {
        faults.push(fault)
      }
    if (faults.length > 0) console.error('not undone:', ...faults)
  }
}

const folders = new Set<string>()
process.once('exit', () => {
  for (const folder of folders) remove(folder) // those of a run that was interrupted
})
/** Something may still write into it. */
const remove = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  folders.delete(folder)
}

export const temporaryFolder = (later: Later): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-bench-'))
  folders.add(folder)
  later(() => remove(folder))
  return folder
}
