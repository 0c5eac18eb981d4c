// Taskport on Cloudflare Workers.
import type { Bindings } from './cloudflare/bindings.ts'
import type { Lifetime } from './cloudflare/request-scope.ts'
import { createService } from './cloudflare/service.ts'

const service = createService()

export default {
  fetch: (request: Request, bindings: Bindings, lifetime: Lifetime) =>
    service.answer(request, bindings, lifetime),
  /** The cron trigger of wrangler.toml: every hour. */
  scheduled: (_controller: unknown, bindings: Bindings, lifetime: Lifetime) =>
    service.maintain(bindings, lifetime),
}
