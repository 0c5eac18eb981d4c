// Taskport on Cloudflare Workers.
import type { Bindings } from './cloudflare/bindings.ts'
import type { Lifetime } from './cloudflare/request-scope.ts'
import { createService } from './cloudflare/service.ts'

const service = createService()
const EVERY_MINUTE = '* * * * *'

export default {
  fetch: (request: Request, bindings: Bindings, lifetime: Lifetime) =>
    service.answer(request, bindings, lifetime),
  /** The cron triggers of wrangler.toml: every minute some jobs run, every hour all of them. */
  scheduled: (controller: { readonly cron?: string }, bindings: Bindings, lifetime: Lifetime) =>
    service.runJobs(bindings, lifetime, { often: controller.cron === EVERY_MINUTE }),
}
