// The free bytes of a disk, and how many of them have to stay free.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../../config.ts'

const MIB = 2 ** 20
/** Several times what the largest batch takes of the write-ahead log. */
const RESERVE = 64 * MIB
/** The reserve of a small disk is at most this part of it. */
const MOST_OF_DISK = 1 / 4

/** Bytes that are free on the disk of a folder. */
export const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Bytes that have to stay free on the disk of the database. */
export const reserveBytes = (path: string, { reserve }: Config['storage']): number => {
  if (reserve !== undefined) return reserve
  const { blocks, bsize } = statfsSync(dirname(path))
  return Math.min(RESERVE, Math.floor(blocks * bsize * MOST_OF_DISK))
}
