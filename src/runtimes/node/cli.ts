#!/usr/bin/env node
// The command of the package: `taskport` starts the service, `taskport user list` runs a command.
import { commandFile, isCommandName } from './command-files.ts'
import { start } from './start.ts'

/** Where the data is unless a variable says so: in the present folder, under a name of its own. */
const DATA_DIR = './taskport-data'

const { env } = process
if (!env['DATA_DIR']?.trim() && !env['DATABASE_URL']?.trim()) env['DATA_DIR'] = DATA_DIR

const [name = ''] = process.argv.slice(2)
if (isCommandName(name)) {
  process.argv.splice(2, 1)
  await import(new URL(commandFile(name), import.meta.url).href)
} else
  await start(async () => (await import('./server.ts')).node, { name: 'taskport', workers: true })
