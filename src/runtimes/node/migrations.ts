import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DialectName } from '../../db/database.ts'
import { type Migration, parseMigration } from '../../db/migrate.ts'
import { root } from './package-root.ts'

const FOLDER = join(root, 'drizzle')

/** The migrations of a dialect, in order, as drizzle-kit wrote them. */
export const readMigrations = (dialect: DialectName): Migration[] =>
  readdirSync(join(FOLDER, dialect))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseMigration(file, readFileSync(join(FOLDER, dialect, file), 'utf8')))
