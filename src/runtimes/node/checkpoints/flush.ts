// SQLite makes the database file durable only in a pass that brings in all of the log. What the
// passes before it have brought in waits for the disk then, while writes wait for that pass.
import { fdatasyncSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** Where Linux shows the descriptors of this process. */
const DESCRIPTORS = '/proc/self/fd'

const isOf = (file: string, descriptor: string | number): boolean => {
  try {
    return readlinkSync(join(DESCRIPTORS, String(descriptor))) === file
  } catch {
    return false // closed meanwhile
  }
}

/**
 * A function that waits until the disk has all that was written to the file. It does so by a
 * descriptor that SQLite has open: to close one of our own would give up all locks of this process
 * on the file. Where no descriptor is found (other systems than Linux) it does nothing, and the last
 * pass takes longer.
 */
export const flusherOf = (path: string): (() => void) => {
  let known: number | undefined
  const find = (file: string): number | undefined => {
    if (known !== undefined && isOf(file, known)) return known
    const found = readdirSync(DESCRIPTORS).find((descriptor) => isOf(file, descriptor))
    known = found === undefined ? undefined : Number(found)
    return known
  }
  return () => {
    try {
      const descriptor = find(realpathSync(path))
      if (descriptor !== undefined) fdatasyncSync(descriptor)
    } catch {
      // SQLite's own attempt says what is wrong with the disk.
    }
  }
}
