// The OpenAPI documents. Loaded when one is first asked for: only they need what makes them.
import { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { type OperationId, operations } from '../features/operations.ts'
import type { Deps } from './deps.ts'
import { describeOperation } from './document.ts'
import { documentOf } from './openapi.ts'
import { describeSystem } from './system-operations.ts'
import { describeDeliveries } from './v1/deliveries.ts'
import { v1About } from './v1/document.ts'
import { type Route, routes, V1 } from './v1/routes.ts'

export { originalDocument } from './legacy/document.ts'

/** The document of the API, version 1, and of the service itself, as text. */
export const serviceDocument = (deps: Pick<Deps, 'config' | 'about'>): string => {
  const registry = new OpenAPIRegistry()
  for (const [id, route] of Object.entries(routes) as [OperationId, Route][]) {
    const described = describeOperation(operations[id], route)
    registry.registerPath({ ...described, path: V1 + described.path })
  }
  describeSystem(registry)
  describeDeliveries(registry)
  return documentOf(registry, deps, v1About)
}
