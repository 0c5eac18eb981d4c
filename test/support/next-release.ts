// A version of the service that is yet to come, as a bundle beside this one.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withModules } from '../../scripts/support/release.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * Makes in `folder`, which is empty, the bundle of this version with one migration more; answers
 * its entry.
 */
export const buildNext = (folder: string): string => {
  if (!existsSync(join(ROOT, 'dist/server.js')))
    throw new Error('there is no bundle: run npm run build')
  for (const part of ['dist', 'drizzle', 'src/http/pages'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
    mkdirSync(join(folder, 'drizzle', dialect), { recursive: true })
    if (readMigrations(dialect).some(({ tag }) => tag >= NEXT))
      throw new Error(`${NEXT} has to be the last migration`)
    writeFileSync(
      join(folder, 'drizzle', dialect, `${NEXT}.sql`),
      'ALTER TABLE tasks ADD later integer;--> statement-breakpoint\nUPDATE tasks SET later = 1',
    )
  }
  return join(withModules(folder), 'dist/server.js')
}
const NEXT = '9000_next'
