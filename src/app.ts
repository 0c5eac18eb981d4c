import type { Deps } from './http/deps.ts'
import { createOriginal } from './http/legacy/app.ts'
import { createMetrics } from './http/metrics.ts'
import { createSystem } from './http/system.ts'
import { createV1 } from './http/v1/index.ts'
import { V1 } from './http/v1/routes.ts'

/**
 * The service as one function from Request to Response. `request` is for tests: it takes a path or
 * URL.
 */
export type App = {
  fetch(request: Request, env?: object): Response | Promise<Response>
  request(path: string, init?: RequestInit): Promise<Response>
}

/**
 * Mounts the transports. The prefix decides before any router matches: the parameter of the
 * original contract's `/api/{user_id}/tasks` would match `/api/v1/tasks` too, and would make every
 * match slower.
 */
export const createApp = (deps: Deps): App => {
  const v1 = createV1(deps)
  const original = createOriginal(deps)
  const system = createSystem(deps, createMetrics(deps))
  const transportOf = (url: string) => {
    const path = url.indexOf('/', 'https://'.length)
    if (url.startsWith(V1, path) && ends(url.charCodeAt(path + V1.length))) return v1
    if (!url.startsWith('/api/', path) && !url.startsWith('/auth/', path)) return system
    return original.appFor(new URL(url).pathname) ?? system
  }
  const fetch: App['fetch'] = (request, env) => transportOf(request.url).fetch(request, env)
  return {
    fetch,
    request: async (path, init) => fetch(new Request(new URL(path, 'http://localhost'), init)),
  }
}

/**
 * Whether a segment of the path ends before this character: `/`, `?`, `#` or the end of the text.
 */
const ends = (code: number): boolean =>
  code === 47 || code === 63 || code === 35 || Number.isNaN(code)
