import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { type OperationId, operations } from '../../features/operations.ts'
import type { Deps } from '../deps.ts'
import { describeOperation } from '../document.ts'
import { withFallback } from '../fallback.ts'
import { FixedPathsFirst } from '../fixed-paths.ts'
import { openRoutes } from '../open-routes.ts'
import { responder } from '../respond.ts'
import { createApi } from '../router.ts'
import { withSingles } from './batch.ts'
import { endpointOf } from './bind.ts'
import { type Route, routes } from './routes.ts'

export const V1 = '/api/v1'

/** The API, version 1, with its prefix in every route and in its part of the document. */
export const createV1 = (deps: Deps): OpenAPIHono => {
  const api = createApi(deps, { prefix: V1 })
  for (const [id, route] of Object.entries(routes) as [OperationId, Route][]) {
    const operation = operations[id]
    api.app.openAPIRegistry.registerPath(createRoute(describeOperation(operation, route)))
    const { run, ...endpoint } = endpointOf(operation, route)
    api.mount(endpoint, id === 'batch' ? withSingles(deps, run) : run)
  }
  const app = new OpenAPIHono({ router: new FixedPathsFirst() })
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
