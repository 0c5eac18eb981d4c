import { availableParallelism } from 'node:os'
import { type Config, ConfigError, parseConfig } from '../../config.ts'
import { findDatabaseTarget } from './database-target.ts'
import { makePrivately } from './filesystem.ts'
import { createBufferedLog, logFormatOf } from './log.ts'
import type { Platform } from './platform.ts'
import { exit } from './process-exit.ts'
import { Refusal } from './refusal.ts'

const OLDEST_NODE = 24
const expectNode = (version: string): void => {
  if (Number.parseInt(version, 10) < OLDEST_NODE)
    throw new Refusal(
      `Node ${version} is too old, it takes ${OLDEST_NODE} or newer: npm start brings one, which is node_modules/.bin/node`,
    )
}

/** Throws Refusal. */
const processesOf = (wanted: number | 'auto', { workers }: Abilities): number => {
  if (wanted !== 1 && !workers)
    throw new Refusal('WORKERS is for Node only: remove it, or start the service with npm start')
  return wanted === 'auto' ? availableParallelism() : wanted
}

/** `workers`: whether several processes can answer requests. */
type Abilities = { readonly workers: boolean }

/**
 * Starts a server as the environment says. Prints each fault of the configuration as a line on
 * standard error, and ends the process with 1.
 */
export const start = async (
  load: () => Promise<Platform>,
  abilities: Abilities = { workers: false },
): Promise<void> => {
  let logFormat: Config['logFormat'] = 'auto'
  try {
    expectNode(process.versions.node)
    makePrivately()
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
    if (!(error instanceof ConfigError || error instanceof Refusal)) throw error
    for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
    exit(createBufferedLog('error', logFormatOf(logFormat)), error.message, { code: 1 })
  }
}
