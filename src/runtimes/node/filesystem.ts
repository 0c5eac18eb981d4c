import { accessSync, chmodSync, constants, mkdirSync, statfsSync, statSync } from 'node:fs'

/**
 * File systems by the magic number that statfs answers (linux/magic.h). On network ones, and behind
 * FUSE, locks and shared memory do not hold what SQLite needs of them: a live database there locks
 * up or is corrupted.
 */
const remote = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x47504653, 'GPFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x01021997, '9P'],
])
const forgetful = new Map([
  [0x01021994, 'memory (tmpfs)'],
  [0x858458f6, 'memory (ramfs)'],
  [0x794c7630, "the container's own layer (overlay), which goes with the container"],
])

/**
 * What kind of file system a folder is on: one that a database may not live on, one that forgets,
 * or a plain disk.
 */
export type FileSystem =
  | { readonly kind: 'remote' | 'forgetful'; readonly name: string }
  | { readonly kind: 'disk' }
export type Probe = (folder: string) => FileSystem

export const probe: Probe = (folder) => {
  const type = statfsSync(folder).type >>> 0
  const [far, brief] = [remote.get(type), forgetful.get(type)]
  if (far !== undefined) return { kind: 'remote', name: far }
  return brief === undefined ? { kind: 'disk' } : { kind: 'forgetful', name: brief }
}

/** Makes sure that a folder is there and can be written to. Throws what the system says. */
export const claim = (folder: string): void => {
  mkdirSync(folder, { recursive: true })
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/**
 * From here on, what this process makes is not readable by other users: a database holds password
 * hashes and keys.
 */
export const makePrivately = (): void => void process.umask(0o077)

/**
 * Closes a database file that is there, with what belongs to it, to everybody but its owner, where
 * that is this user.
 */
export const closeToOthers = (path: string): void => {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found || (found.mode & 0o077) === 0 || found.uid !== process.getuid?.()) continue
    try {
      chmodSync(file, 0o600)
    } catch {} // some file systems know no modes
  }
}
