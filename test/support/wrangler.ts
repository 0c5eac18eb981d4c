// How `wrangler dev` is run, by tests and by the bench.
import { join } from 'node:path'

export const WRANGLER = join(import.meta.dirname, '../../node_modules/wrangler/bin/wrangler.js')

/** Without a word to anybody: no telemetry, no look at a real data centre, no updates. */
export const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  NO_UPDATE_NOTIFIER: '1',
  FORCE_COLOR: '0',
}

/** Its arguments for a port of loopback. */
export const listeningAt = (port: number): string[] => [
  '--ip',
  '127.0.0.1',
  '--port',
  String(port),
  '--inspector-port',
  '0',
  '--show-interactive-dev-session=false',
]
