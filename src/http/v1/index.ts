import { OpenAPIHono } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { withFallback } from '../fallback.ts'
import { type Api, createApi } from '../router.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { authRoutes } from './auth.ts'
import { identityRoutes } from './identities.ts'
import { labelRoutes } from './labels.ts'
import { meRoutes } from './me.ts'
import { projectRoutes } from './projects.ts'
import { taskRoutes } from './tasks.ts'

export const V1 = '/api/v1'

/** In the order in which the document lists them. */
const features: readonly ((api: Api, deps: Deps) => void)[] = [
  authRoutes,
  meRoutes,
  identityRoutes,
  apiKeyRoutes,
  projectRoutes,
  taskRoutes,
  labelRoutes,
]

/** The API, version 1, with its prefix in every route and in its part of the document. */
export const createV1 = (deps: Deps): OpenAPIHono => {
  const api = createApi(deps)
  for (const routes of features) routes(api, deps)
  const app = new OpenAPIHono()
  app.route(V1, api.app)
  return withFallback(app, deps)
}
