import { ConfigError, parseConfig } from '../../config.ts'
import { makePrivately } from './filesystem.ts'
import { findPlace } from './place.ts'
import type { Platform } from './platform.ts'
import { Refusal } from './refusal.ts'

const OLDEST_NODE = 24
const expectNode = (version: string): void => {
  if (Number.parseInt(version, 10) < OLDEST_NODE)
    throw new Refusal(`Node ${version} is too old, it takes ${OLDEST_NODE} or newer: npm start brings one, which is node_modules/.bin/node`)
}

/** The environment in, a server out. What does not fit is said on standard error, a line each, and ends the process with 1. */
export const start = async (load: () => Promise<Platform>): Promise<void> => {
  try {
    expectNode(process.versions.node)
    makePrivately()
    const config = parseConfig(process.env)
    const place = findPlace(config)
    // Loaded only now: most of the time that a start takes is loading, and what does not fit is said before it.
    const [{ serve }, platform] = await Promise.all([import('./serve.ts'), load()])
    await serve(config, place, platform)
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof Refusal)) throw error
    for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
    process.exit(1)
  }
}
