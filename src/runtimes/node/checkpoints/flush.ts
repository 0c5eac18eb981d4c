// Without this, what several passes have brought into a database file waits for the disk in the
// last of them, while writes wait for that one: SQLite makes the file durable only in a pass that
// brings in all of the log.
import { fdatasyncSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** Where Linux shows the descriptors of this process. */
const DESCRIPTORS = '/proc/self/fd'

const isOf = (file: string, descriptor: number): boolean => {
  try {
    return readlinkSync(join(DESCRIPTORS, String(descriptor))) === file
  } catch {
    return false // closed meanwhile
  }
}

/** The descriptors of this process that are of the file; none where the system does not tell. */
export const descriptorsOf = (path: string): number[] => {
  try {
    const file = realpathSync(path)
    return readdirSync(DESCRIPTORS)
      .map(Number)
      .filter((descriptor) => isOf(file, descriptor))
  } catch {
    return []
  }
}

/** What a disk answers that could not keep what was written. */
const LOST = new Set(['EIO', 'ENOSPC', 'EDQUOT'])

/**
 * Waits until the disk has all that was written to the file. It does so by a descriptor that SQLite
 * has open for the connection that brings the log in: to close one of our own would give up all
 * locks of this process on the file. Without a descriptor (other systems than Linux) it does
 * nothing, and the last pass takes longer.
 *
 * Throws where the disk has lost something. Each descriptor is told of that once, so SQLite does
 * not learn of it by this one any more: its connection must bring in nothing from then on.
 */
export const flush = (descriptor: number | undefined): void => {
  if (descriptor === undefined) return
  try {
    fdatasyncSync(descriptor)
  } catch (error) {
    // Deno's numbers are not those of the system.
    if (LOST.has(String((error as { code?: unknown }).code))) throw error
  }
}
