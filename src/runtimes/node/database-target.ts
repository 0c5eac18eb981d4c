// Finds where the database is, and checks it before anything else is loaded: faults are shown at
// once.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { parseDatabaseUrl, type ServerLocation } from '../../db/connection-url.ts'
import type { Durability } from '../../http/deps.ts'
import { DATABASE_FILE, type FolderOptions, findDataFolder, refuseRemote } from './data-folder.ts'
import { claim, type Probe, probe } from './filesystem.ts'
import { Refusal, wordOf } from './refusal.ts'

/** The file of the database (an absolute path), and the variable that decides it. */
export type FileTarget = {
  readonly kind: 'file'
  readonly path: string
  readonly variable: 'DATABASE_URL' | 'DATA_DIR'
  readonly durability: Durability
}
/** A server. `ca` is the text of its certificate file. */
export type ServerTarget = {
  readonly kind: 'server'
  readonly location: ServerLocation
  readonly ca?: string
  readonly durability: Durability
}
/** Where the database is, and whether it survives a restart. */
export type DatabaseTarget = FileTarget | ServerTarget

type Asked = Pick<Config, 'databaseUrl' | 'dataDir' | 'spaceId'> &
  Partial<Pick<Config, 'databaseAuthToken'>>

/** The target of the configuration. A folder exists, and can be written to. Throws Refusal. */
export const findDatabaseTarget = (
  asked: Asked,
  options: Partial<FolderOptions> = {},
): DatabaseTarget => {
  const look = options.probe ?? probe
  const location = parseDatabaseUrl(asked.databaseUrl)
  if ('refused' in location) throw new Refusal(`DATABASE_URL ${location.refused}`)
  if (location.kind === 'folder') return inFolder(asked, options, look)
  if (location.kind !== 'file') return atServer(location, asked)
  const path = fileAt(location.path, look)
  const durability = durabilityOf(path, { temporary: false, spaceId: asked.spaceId }, look)
  return { kind: 'file', path, variable: 'DATABASE_URL', durability }
}

const inFolder = (
  { dataDir, spaceId }: Asked,
  options: Partial<FolderOptions>,
  look: Probe,
): FileTarget => {
  const { folder, temporary } = findDataFolder(dataDir, options)
  const path = resolve(join(folder, DATABASE_FILE))
  return {
    kind: 'file',
    path,
    variable: 'DATA_DIR',
    durability: durabilityOf(path, { temporary, spaceId }, look),
  }
}

const atServer = (location: ServerLocation, { databaseAuthToken }: Asked): ServerTarget => {
  const durability: Durability = { kind: 'durable', reason: 'The data is on a database server.' }
  if (location.kind !== 'libsql') return { kind: 'server', location, durability, ...caOf(location) }
  const tokenised = {
    ...location,
    ...(databaseAuthToken !== undefined && { authToken: databaseAuthToken }),
  }
  return { kind: 'server', location: tokenised, durability }
}

const caOf = ({
  tls: { caFile },
}: Exclude<ServerLocation, { kind: 'libsql' }>): { ca?: string } => {
  if (caFile === undefined) return {}
  try {
    return { ca: readFileSync(caFile, 'utf8') }
  } catch (error) {
    throw new Refusal(
      `DATABASE_URL names a certificate file that cannot be read (${wordOf(error)}): correct its path, or remove it`,
    )
  }
}

/**
 * A file in a folder that exists and can be written to. The folder is not made: its name may be
 * mistyped.
 */
const fileAt = (given: string, look: Probe): string => {
  const path = resolve(given)
  const folder = dirname(path)
  if (!existsSync(folder))
    throw new Refusal(
      `DATABASE_URL names a file in ${folder}, which does not exist: create that folder, or correct the path`,
    )
  if (existsSync(path) && statSync(path).isDirectory())
    throw new Refusal(`DATABASE_URL names ${path}, which is a folder: add the name of the file`)
  try {
    claim(folder)
  } catch (error) {
    throw new Refusal(
      `DATABASE_URL names a file in ${folder}, which cannot be written to (${wordOf(error)}): let this user write there, or correct the path`,
    )
  }
  refuseRemote(folder, 'DATABASE_URL', look)
  return path
}

const durabilityOf = (
  path: string,
  { temporary, spaceId }: { temporary: boolean; spaceId: string | undefined },
  look: Probe,
): Durability => {
  const system = look(dirname(path))
  if (temporary)
    return {
      kind: 'ephemeral',
      reason: 'No data folder can be written to, so the data is in a temporary folder.',
    }
  if (system.kind === 'forgetful')
    return { kind: 'ephemeral', reason: `The data is in ${system.name}.` }
  if (spaceId !== undefined)
    return {
      kind: 'ephemeral',
      reason:
        "The data is on the Space's own disk, which is wiped at every restart and every push.",
    }
  return {
    kind: 'durable',
    reason: 'The data is in a file on a disk of the machine, which restarts do not touch.',
  }
}
