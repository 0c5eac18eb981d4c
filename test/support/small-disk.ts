import { spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './process.ts'

export const NO_SMALL_DISK = 'absent, so full disks were skipped: only root can mount a small disk'

/**
 * A file system in memory of so many megabytes; undefined where this user may not mount one. `grow`
 * gives it more.
 */
export const smallDisk = (megabytes: number) => {
  const path = temporaryFolder()
  const mount = (...options: string[]) => spawnSync('mount', options).status === 0
  if (!mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)) return undefined
  // Lazily: a database that this process has looked at may still be open.
  onTestFinished(() => void spawnSync('umount', ['--lazy', path]))
  return { path, grow: (to: number) => mount('-o', `remount,size=${to}m`, path) }
}
