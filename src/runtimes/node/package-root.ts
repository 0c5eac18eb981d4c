import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds `name`: this one, or the nearest above it. */
const holderOf = (name: string, folder: string = import.meta.dirname): string => {
  if (existsSync(join(folder, name))) return folder
  if (dirname(folder) === folder)
    throw new Error(`${name} has to stand beside the server or above it`)
  return holderOf(name, dirname(folder))
}

/**
 * The folder of the package, which holds `drizzle/` and the files of the pages. It is above this
 * file, in the source and in the bundle.
 */
export const root = holderOf('drizzle')

const isSource = import.meta.filename.endsWith('.ts')

/**
 * The file of a process or a thread: its source in this folder, or its bundle beside that of the
 * server. The bundles of commands are in a folder below.
 */
export const programOf = (source: string, bundle: string): string =>
  isSource ? join(import.meta.dirname, source) : join(holderOf(bundle), bundle)

/**
 * What Node is told when it starts a thread. A version that does not run TypeScript needs the hooks
 * with which this process was started from its source.
 */
export const threadFlags: readonly string[] =
  isSource && !process.features.typescript ? process.execArgv.slice(0, 2) : []

/**
 * The environment of a thread: no secrets, only where Node keeps what it has compiled, if it was
 * told a place.
 */
export const threadEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith('NODE_COMPILE_CACHE')),
  )
