import { availableParallelism } from 'node:os'
import { type Config, ConfigError, parseConfig } from '../../config.ts'
import { EXIT_USAGE, helpOf, readCommandLine, UsageError, usageOf } from './command-line.ts'
import { findDatabaseTarget } from './database-target.ts'
import { makePrivately } from './filesystem.ts'
import { createBufferedLog, logFormatOf } from './log.ts'
import type { Platform } from './platform.ts'
import { exit } from './process-exit.ts'
import { Refusal } from './refusal.ts'
import { applyOptions, serviceProgram } from './service-program.ts'

/** The first with `import.meta.dirname`. */
const OLDEST_NODE = [20, 11] as const
const expectNode = (version: string): void => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, leastMinor] = OLDEST_NODE
  if (major < least || (major === least && minor < leastMinor))
    throw new Refusal(
      `Node ${version} is too old, it takes ${OLDEST_NODE.join('.')} or newer: https://nodejs.org has one`,
    )
}

/** Throws Refusal. */
const processesOf = (wanted: number | 'auto', { workers }: Abilities): number => {
  if (wanted !== 1 && !workers)
    throw new Refusal('WORKERS is for Node only: remove it, or start the service with npm start')
  return wanted === 'auto' ? availableParallelism() : wanted
}

type Abilities = {
  /** What its users type, as in `npm start`. */
  readonly name: string
  /** Whether several processes can answer requests. */
  readonly workers?: boolean
}

/**
 * Starts a server as the environment and the command line say. Prints each fault of the
 * configuration as a line on standard error, and ends the process with 1. A command line that it
 * does not understand ends it with 2.
 */
export const start = async (load: () => Promise<Platform>, abilities: Abilities): Promise<void> => {
  const program = serviceProgram(abilities.name)
  let logFormat: Config['logFormat'] = 'auto'
  try {
    const given = readCommandLine(program, process.argv.slice(2), process.env)
    if (given === undefined) return console.log(helpOf(program))
    if (given.options.version) return console.log((await import('../../version.ts')).version)
    expectNode(process.versions.node)
    makePrivately()
    applyOptions(given.options, process.env)
    const config = parseConfig(process.env)
    logFormat = config.logFormat
    const count = processesOf(config.workers, abilities)
    const target = findDatabaseTarget(config)
    // Loaded after the checks, so that faults are shown at once: loading is most of the time of a
    // start.
    const [{ serve, serveByWorkers }, platform] = await Promise.all([import('./serve.ts'), load()])
    await (count > 1
      ? serveByWorkers(config, target, { runtime: platform.name, count })
      : serve(config, target, platform))
  } catch (error) {
    const usage = error instanceof UsageError
    if (!(usage || error instanceof ConfigError || error instanceof Refusal)) throw error
    for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
    if (usage) console.error(usageOf(program))
    const log = createBufferedLog('error', logFormatOf(logFormat))
    exit(log, error.message, { code: usage ? EXIT_USAGE : 1 })
  }
}
