import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const rootAbove = (folder: string): string => (existsSync(join(folder, 'drizzle')) ? folder : rootAbove(dirname(folder)))

/** The folder of the package, with `drizzle/` and the pages' files: above this file in the source, above `dist` in the bundle. */
export const root = rootAbove(import.meta.dirname)
