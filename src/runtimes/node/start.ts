import { ConfigError, parseConfig } from '../../config.ts'
import { makePrivately } from './filesystem.ts'
import { findPlace } from './place.ts'
import type { Platform } from './platform.ts'
import { Refusal } from './refusal.ts'

/** The environment in, a server out. What does not fit is said on standard error, a line each, and ends the process with 1. */
export const start = async (load: () => Promise<Platform>): Promise<void> => {
  try {
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
