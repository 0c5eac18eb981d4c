// Taskport on Node: the environment in, a server out.
import { ConfigError, parseConfig } from '../config.ts'
import { findPlace } from './node/place.ts'
import { Refusal } from './node/refusal.ts'

try {
  process.umask(0o077) // the database is nobody else's to read
  const config = parseConfig(process.env)
  const place = findPlace(config)
  // Loaded only now: most of the time that a start takes is loading, and what does not fit is said before it.
  const { serve } = await import('./node/serve.ts')
  await serve(config, place)
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof Refusal)) throw error
  for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
  process.exit(1)
}
