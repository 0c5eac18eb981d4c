import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { parseDatabaseUrl } from '../../db/location.ts'
import { type Migration, NewerDatabase } from '../../db/migrate.ts'
import { openFile } from '../../db/open/file.ts'
import type { Durability } from '../../http/deps.ts'
import { DATABASE_FILE, findDataFolder, type Places, refuseRemote } from './data-folder.ts'
import { claim, probe } from './filesystem.ts'
import { readMigrations } from './migrations.ts'
import { Refusal, wordOf } from './refusal.ts'

/** An open, migrated database, and what there is to say about it. */
export type Opened = {
  readonly db: Database
  readonly migrations: readonly Migration[]
  readonly engine: string
  readonly durability: Durability
  /** The tags of the migrations that this opening applied. */
  readonly applied: readonly string[]
}

/** Opens the database that the configuration names and brings it up to date. Throws Refusal. */
export const openDatabase = async (
  { databaseUrl, dataDir, spaceId }: Pick<Config, 'databaseUrl' | 'dataDir' | 'spaceId'>,
  places: Partial<Places> = {},
): Promise<Opened> => {
  const look = places.probe ?? probe
  const location = parseDatabaseUrl(databaseUrl)
  if ('refused' in location) throw new Refusal(`DATABASE_URL ${location.refused}`)
  const found = location.kind === 'file' ? { path: fileOf(location.path), temporary: false } : inFolder(dataDir, places)
  if (location.kind === 'file') refuseRemote(dirname(found.path), 'DATABASE_URL', look)
  const variable = location.kind === 'file' ? 'DATABASE_URL' : 'DATA_DIR'
  const migrations = readMigrations('sqlite')
  const opened = await openMigrated(found.path, variable, migrations)
  return { ...opened, migrations, engine: 'libSQL file', durability: durabilityOf({ ...found, spaceId }, look) }
}

const inFolder = (dataDir: string | undefined, places: Partial<Places>): { path: string; temporary: boolean } => {
  const { folder, temporary } = findDataFolder(dataDir, places)
  return { path: resolve(join(folder, DATABASE_FILE)), temporary }
}

/** A file's absolute path, in a folder that is there and can be written to: a mistyped one is not made. */
const fileOf = (given: string): string => {
  const path = resolve(given)
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
  return path
}

const openMigrated = async (path: string, variable: string, migrations: readonly Migration[]): Promise<Pick<Opened, 'db' | 'applied'>> => {
  let db: Database | undefined
  try {
    db = openFile(path)
    return { db, applied: await db.migrate(migrations) }
  } catch (error) {
    await db?.close()
    const reason = error instanceof NewerDatabase ? error.message : wordOf(error)
    throw new Refusal(
      `${variable} leads to ${path}, which cannot be used as the database (${reason}): correct ${variable}, or put that file right`,
    )
  }
}

const durabilityOf = (
  { path, temporary, spaceId }: { path: string; temporary: boolean; spaceId: string | undefined },
  look: typeof probe,
): Durability => {
  const system = look(dirname(path))
  if (temporary) return { kind: 'ephemeral', reason: 'No data folder can be written to, so the data is in a temporary folder.' }
  if (system.kind === 'forgetful') return { kind: 'ephemeral', reason: `The data is in ${system.name}.` }
  if (spaceId !== undefined)
    return { kind: 'ephemeral', reason: "The data is on the Space's own disk, which is wiped at every restart and every push." }
  return { kind: 'durable', reason: 'The data is in a file on a disk of the machine, which restarts do not touch.' }
}
