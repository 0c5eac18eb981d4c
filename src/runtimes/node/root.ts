import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const rootAbove = (folder: string): string => {
  if (existsSync(join(folder, 'drizzle'))) return folder
  if (dirname(folder) === folder) throw new Error('the folder drizzle/ with the migrations has to stand beside the server or above it')
  return rootAbove(dirname(folder))
}

/** The folder of the package, with `drizzle/` and the pages' files: above this file in the source, above `dist` in the bundle. */
export const root = rootAbove(import.meta.dirname)
