// Earlier versions of the service, as bundles beside this one: out of the history.
import { execFile } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Is this commit in the history? A shallow clone or an export without history does not have it. */
export const isInHistory = async (commit: string): Promise<boolean> =>
  run('git', ['-C', ROOT, 'cat-file', '-e', `${commit}^{tree}`]).then(
    () => true,
    () => false,
  )

/** The folder, with the packages of this version. */
export const withModules = (folder: string): string => {
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
