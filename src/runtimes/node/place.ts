// Where the database is, looked at before it is opened: what is wrong with a place is said before anything else is loaded.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { parseDatabaseUrl } from '../../db/location.ts'
import type { Durability } from '../../http/deps.ts'
import { DATABASE_FILE, findDataFolder, type Places, refuseRemote } from './data-folder.ts'
import { claim, type Probe, probe } from './filesystem.ts'
import { Refusal, wordOf } from './refusal.ts'

/** The file that the database is or will be in (an absolute path), the variable that decides it, and how well it is kept. */
export type Place = { readonly path: string; readonly variable: 'DATABASE_URL' | 'DATA_DIR'; readonly durability: Durability }

/** The place that the configuration names; its folder is there and can be written to. Throws Refusal. */
export const findPlace = (
  { databaseUrl, dataDir, spaceId }: Pick<Config, 'databaseUrl' | 'dataDir' | 'spaceId'>,
  places: Partial<Places> = {},
): Place => {
  const look = places.probe ?? probe
  const location = parseDatabaseUrl(databaseUrl)
  if ('refused' in location) throw new Refusal(`DATABASE_URL ${location.refused}`)
  if (location.kind === 'file') {
    const path = fileAt(resolve(location.path), look)
    return { path, variable: 'DATABASE_URL', durability: durabilityOf(path, { temporary: false, spaceId }, look) }
  }
  const { folder, temporary } = findDataFolder(dataDir, places)
  const path = resolve(join(folder, DATABASE_FILE))
  return { path, variable: 'DATA_DIR', durability: durabilityOf(path, { temporary, spaceId }, look) }
}

/** A file in a folder that is there and can be written to: a mistyped one is not made. */
const fileAt = (path: string, look: Probe): string => {
  const folder = dirname(path)
  if (!existsSync(folder))
    throw new Refusal(`DATABASE_URL names a file in ${folder}, which does not exist: create that folder, or correct the path`)
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
  if (temporary) return { kind: 'ephemeral', reason: 'No data folder can be written to, so the data is in a temporary folder.' }
  if (system.kind === 'forgetful') return { kind: 'ephemeral', reason: `The data is in ${system.name}.` }
  if (spaceId !== undefined)
    return { kind: 'ephemeral', reason: "The data is on the Space's own disk, which is wiped at every restart and every push." }
  return { kind: 'durable', reason: 'The data is in a file on a disk of the machine, which restarts do not touch.' }
}
