// Finds the folder of the embedded database. It never makes a second database beside a first one.
import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, parse, resolve } from 'node:path'
import { claim, type Probe, probe } from './filesystem.ts'
import { Refusal, wordOf } from './refusal.ts'

export const DATABASE_FILE = 'taskport.db'

export type FolderOptions = {
  /** Folders where a database is looked for, and where it is made, in this order. */
  readonly candidates: readonly string[]
  /** Where it is made when none of them can be written to. */
  readonly temporary: string
  readonly probe: Probe
  /** `false`: a folder that does not exist is not made. */
  readonly make?: boolean | undefined
}
const usual = (): FolderOptions => ({
  candidates: ['/data', './data'],
  temporary: join(tmpdir(), 'taskport'),
  probe,
  make: true,
})

export type DataFolder = {
  readonly folder: string
  /** Whether only the temporary folder can be written to. */
  readonly temporary: boolean
}

/** The data folder, which exists and can be written to. Throws Refusal. */
export const findDataFolder = (
  dataDir: string | undefined,
  options: Partial<FolderOptions> = {},
): DataFolder => {
  const { candidates, temporary, ...way } = { ...usual(), ...options }
  if (dataDir !== undefined) return { folder: take(dataDir, 'DATA_DIR', way), temporary: false }
  const withDatabase = candidates.filter((folder) => existsSync(join(folder, DATABASE_FILE)))
  if (withDatabase.length > 1)
    throw new Refusal(
      `DATA_DIR is not set and ${withDatabase.join(' and ')} each hold a ${DATABASE_FILE}: set DATA_DIR to the one that counts`,
    )
  const [known] = withDatabase
  if (known !== undefined) return { folder: take(known, undefined, way), temporary: false }
  // A folder at the root of the file system is used if it exists. It is never made.
  const free = candidates.find(
    (folder) => (existsSync(folder) || !isAtRoot(folder)) && isWritable(folder, way),
  )
  if (free !== undefined) return { folder: take(free, undefined, way), temporary: false }
  return { folder: take(temporary, undefined, way), temporary: true }
}

/**
 * Throws Refusal for a folder on a file system that corrupts live databases. `variable` named the
 * folder.
 */
export const refuseRemote = (folder: string, variable: string, probe: Probe): void => {
  const system = probe(folder)
  if (system.kind === 'remote')
    throw new Refusal(
      `${variable} leads to ${resolve(folder)}, which is on a network or mounted file system (${system.name}) that corrupts live databases: set ${variable} to a folder on a local disk, and keep backups here with BACKUP_URL=file:${resolve(folder)}`,
    )
}

type Way = Pick<FolderOptions, 'probe' | 'make'>

const take = (folder: string, variable: string | undefined, { probe, make }: Way): string => {
  const name = variable ?? 'DATA_DIR'
  if (statSync(folder, { throwIfNoEntry: false })?.isFile())
    throw new Refusal(
      `${name} ${resolve(folder)} is a file, not a folder: set ${name} to the folder of the database`,
    )
  try {
    claim(folder, { make })
  } catch (error) {
    throw new Refusal(
      `${variable ?? 'DATA_DIR is not set and the data folder'} ${resolve(folder)} cannot be written to (${wordOf(error)}): let user ${process.getuid?.() ?? 'of this process'} write there, or set ${name} to another folder`,
    )
  }
  refuseRemote(folder, name, probe)
  return folder
}

const isAtRoot = (folder: string): boolean =>
  dirname(resolve(folder)) === parse(resolve(folder)).root

const isWritable = (folder: string, { make }: Way): boolean => {
  try {
    claim(folder, { make })
    return true
  } catch {
    return false
  }
}
