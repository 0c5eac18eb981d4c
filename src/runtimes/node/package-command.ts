import { commandFile, isCommandName } from './command-files.ts'
import type { Platform } from './platform.ts'
import { start } from './start.ts'

/** Where the data is unless a variable says so: in the present folder, under a name of its own. */
const DATA_DIR = './taskport-data'

type Abilities = {
  /** The folder of the commands' bundles, which are in `commands/` below it. */
  readonly bundles: string
  /** Whether several processes can answer requests. */
  readonly workers: boolean
}

/** `taskport` starts the service, `taskport user list` runs a command. */
export const runPackageCommand = async (
  load: () => Promise<Platform>,
  { bundles, workers }: Abilities,
): Promise<void> => {
  const { env } = process
  if (!env['DATA_DIR']?.trim() && !env['DATABASE_URL']?.trim()) env['DATA_DIR'] = DATA_DIR

  const [name = ''] = process.argv.slice(2)
  if (isCommandName(name)) {
    process.argv.splice(2, 1)
    await import(new URL(commandFile(name), bundles).href)
  } else await start(load, { name: 'taskport', workers })
}
