// Every database that the service runs on, opened anew and migrated, for suites that all of them have to pass.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openFile } from '../../src/db/open/file.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'

export type Opened = { readonly db: Database; close(): Promise<void> }

const file = async (): Promise<Opened> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-'))
  const db = openFile(join(folder, 'taskport.db'))
  await db.migrate(readMigrations('sqlite'))
  return {
    db,
    close: async () => {
      await db.close()
      await rm(folder, { recursive: true })
    },
  }
}

const databases: Readonly<Record<string, () => Promise<Opened>>> = { 'libSQL file': file }

/** Declares a suite once for every database. */
export const describeEachDatabase = (name: string, suite: (open: () => Promise<Opened>) => void): void => {
  for (const [database, open] of Object.entries(databases)) describe(`${name} on ${database}`, () => suite(open))
}

/** The database that suites use which are not about databases. */
export const openDefault = file
