// How much space the database may take on this machine, and what the log says when none is left.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import { tellStorage } from '../../core/storage.ts'
import type { FileStorage } from '../../db/open/file.ts'
import type { FileTarget } from './database-target.ts'
import { freeBytes, reserveBytes } from './disk-space.ts'

type Bounds = Pick<Config, 'storage'> & { readonly log: Log }

export const storageOfFile = (
  { path, variable }: FileTarget,
  { storage, log }: Bounds,
): FileStorage => ({
  disk: () => ({ free: freeBytes(dirname(path)), fileSize: statSync(path).size }),
  bounds: { reserve: reserveBytes(path, storage), limit: storage.limit },
  tell: tellStorage(
    log,
    storage.limit === undefined
      ? `make room on the disk of ${path}, or set ${variable} to a place with more`
      : `make room on the disk of ${path}, or raise DATABASE_SIZE_LIMIT`,
  ),
})
