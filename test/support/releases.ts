// Other versions of the service, as bundles beside this one: earlier ones out of the history, and
// one that is yet to come.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Is this commit in the history? A shallow clone or an export without history does not have it. */
export const isInHistory = async (commit: string): Promise<boolean> =>
  run('git', ['-C', ROOT, 'cat-file', '-e', `${commit}^{tree}`]).then(
    () => true,
    () => false,
  )

const withModules = (folder: string): string => {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/**
 * Builds the version of a commit in `folder`, which is empty, with the packages of this one;
 * answers its entry.
 */
export const buildRelease = async (commit: string, folder: string): Promise<string> => {
  const archive = join(folder, 'sources.tar')
  await run('git', ['-C', ROOT, 'archive', `--output=${archive}`, commit])
  await run('tar', ['-xf', archive, '-C', folder])
  await run(process.execPath, [join(withModules(folder), 'scripts/build.ts')], { cwd: folder })
  return join(folder, 'dist/server.js')
}

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
