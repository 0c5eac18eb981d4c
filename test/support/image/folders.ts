import { chmodSync, chownSync } from 'node:fs'
import { temporaryFolder } from '../process.ts'

/**
 * A folder of the host that belongs to a user and is open to that one only, or as `mode` says;
 * removed behind the test.
 */
export const folderOf = (user: number, mode = 0o700): string => {
  const folder = temporaryFolder()
  chownSync(folder, user, user)
  chmodSync(folder, mode)
  return folder
}

/** Options that put a folder of the host into a container. */
export const volume = (folder: string, at: string, how: 'rw' | 'ro' = 'rw'): string[] => [
  '--volume',
  `${folder}:${at}:${how}`,
]
