import { commandNames } from './command-files.ts'
import type { Given, Program } from './command-line.ts'

/** The command of the package, which runs the others too. */
const PACKAGE = 'taskport'

const options = {
  port: { value: 'PORT', doc: 'the port to listen at, instead of that of the variable PORT' },
  host: { value: 'HOST', doc: 'the address to listen at, instead of that of the variable HOST' },
  'data-dir': {
    value: 'FOLDER',
    doc: 'the folder of the database file, instead of that of the variable DATA_DIR',
  },
  version: { doc: 'prints the version, and does nothing' },
} as const

/** The command line of the service, which its users start by typing `name`. */
export const serviceProgram = (name: string): Program<typeof options> => ({
  name,
  forms: [
    '[--port PORT] [--host HOST] [--data-dir FOLDER]',
    '--version',
    ...(name === PACKAGE ? commandNames.map((command) => `${command} …`) : []),
  ],
  about:
    'Starts the service, which runs until a signal ends it. It is configured by environment variables: docs/configuration.md. An option is stronger than its variable.',
  options,
  examples: [
    ['', 'listens at port 7860'],
    ['--port 8080', 'listens at port 8080'],
    ['--host 127.0.0.1', 'listens to programs of this machine only'],
  ],
  exits: { 0: 'ended by a signal, with everything done' },
})

const variables = { port: 'PORT', host: 'HOST', 'data-dir': 'DATA_DIR' } as const

/** Sets the variables that options replace. The processes of a service inherit them. */
export const applyOptions = (
  given: Given<typeof options>['options'],
  env: Record<string, string | undefined>,
): void => {
  for (const [option, variable] of Object.entries(variables) as [
    keyof typeof variables,
    string,
  ][]) {
    const value = given[option]
    if (value !== undefined) env[variable] = value
  }
}
