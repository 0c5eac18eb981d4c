import { Hono } from 'hono'
import { type OperationId, operations } from '../../features/operations.ts'
import type { Deps } from '../deps.ts'
import { withFallback } from '../fallback.ts'
import { FixedPathsFirst } from '../fixed-paths.ts'
import { openRoutes } from '../open-routes.ts'
import { responder } from '../respond.ts'
import { createApi } from '../router.ts'
import { withSingles } from './batch.ts'
import { endpointOf } from './bind.ts'
import { type Route, routes, V1 } from './routes.ts'

/** The API, version 1, with its prefix in every route. */
export const createV1 = (deps: Deps): Hono => {
  const api = createApi(deps, { prefix: V1 })
  for (const [id, route] of Object.entries(routes) as [OperationId, Route][]) {
    const operation = operations[id]
    const { run, ...endpoint } = endpointOf(operation, route)
    api.mount(endpoint, id === 'batch' ? withSingles(deps, run) : run)
  }
  const app = new Hono({ router: new FixedPathsFirst() })
  app.route(V1, api.app)
  const respond = responder(deps.config, 'no-cache')
  const body = {
    name: 'Taskport',
    version: deps.about.version,
    links: { docs: '/docs', openapi: '/openapi.json' },
  }
  openRoutes(app, deps)(V1, (c, requestId) => respond(c, { status: 200, body }, requestId))
  return withFallback(app, deps)
}
