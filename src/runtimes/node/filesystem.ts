import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * File systems by the magic number that statfs returns (linux/magic.h). Network file systems and
 * FUSE do not provide the locks and the shared memory that SQLite needs: a live database there
 * hangs or is corrupted.
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
 * The kind of file system that a folder is on. A database must not live on a `remote` one. A
 * `forgetful` one loses its files at a restart.
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

/** The folder, or the nearest one above it that exists. */
const existing = (folder: string): string => {
  const path = resolve(folder)
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path))
}

/** As `probe`, also of a folder that is still to be made. */
export const probeExisting: Probe = (folder) => probe(existing(folder))

/**
 * Makes the folder if it does not exist, and checks that it can be written to. With `make: false` it
 * only checks whether that could be done. Throws the system's error.
 */
export const claim = (
  folder: string,
  { make = true }: { readonly make?: boolean | undefined } = {},
): void => {
  if (make) mkdirSync(folder, { recursive: true })
  accessSync(make ? folder : existing(folder), constants.R_OK | constants.W_OK | constants.X_OK)
}

/**
 * Files that this process makes from now on are not readable by other users: a database holds
 * password hashes and keys.
 */
export const makePrivately = (): void => void process.umask(0o077)

/**
 * Removes the permissions of other users from a database file and the files beside it, if this user
 * owns them.
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
