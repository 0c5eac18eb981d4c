// What is free on a disk, and how much of it stays free.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../../config.ts'

const MIB = 2 ** 20
/** What the largest batch takes of the log, several times. */
const RESERVE = 64 * MIB
/** A small disk keeps less of it. */
const MOST_OF_DISK = 1 / 4

/** Bytes that are free on the disk of a folder. */
export const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Bytes that are kept free on the disk of the database. */
export const reserveBytes = (path: string, { reserve }: Config['storage']): number => {
  if (reserve !== undefined) return reserve
  const { blocks, bsize } = statfsSync(dirname(path))
  return Math.min(RESERVE, Math.floor(blocks * bsize * MOST_OF_DISK))
}
